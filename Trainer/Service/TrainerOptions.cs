using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Trainer.Service;

/// <summary>Section <c>Trainer</c> of the configuration.</summary>
public sealed class TrainerOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Trainer";

    /// <summary>
    /// Path of an ONNX backbone with its metadata (<c>infra/cpf backbone add</c> writes them). At start, when its SHA-256 is not that
    /// of the active model's backbone, a model is made from it, activated, and everything is embedded anew. Default: none; a system
    /// without a model then gets the bundled one. Removing the setting later keeps the model that is active.
    /// </summary>
    public string? Backbone { get; set; }

    /// <summary>Folder of pictures on augmented copies of which a first model's threshold is measured. Default: the bundled ones.</summary>
    [MinLength(1, ErrorMessage = "Trainer:CalibrationFolder must not be empty.")]
    public string CalibrationFolder { get; set; } = Path.Combine(AppContext.BaseDirectory, "Calibration");
}
