using System.ComponentModel.DataAnnotations;
using CpfPipeline.Learning.FirstModels;

namespace CpfPipeline.Trainer;

/// <summary>Section <c>Trainer</c> of the configuration.</summary>
public sealed class TrainerOptions : IValidatableObject
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Trainer";

    private const int MinTokenLength = 16;

    /// <summary>
    /// Path of an ONNX backbone with its metadata (<c>infra/cpf backbone add</c> writes them). At start, when its SHA-256 is not that
    /// of the active model's backbone, a model is made from it and activated, and everything is embedded again. Default: none; a system
    /// without a model then gets the default one. Removing the setting later keeps the model that is active.
    /// </summary>
    public string? Backbone { get; set; }

    /// <summary>Folder of pictures whose edited copies calibrate a first model's threshold. Default: the bundled ones.</summary>
    [MinLength(1, ErrorMessage = "Trainer:CalibrationFolder must not be empty.")]
    public string CalibrationFolder { get; set; } = Path.Combine(AppContext.BaseDirectory, "Calibration");

    /// <summary>The largest model that may be brought in, in bytes of all its files. Default and upper limit: 2,000,000,000.</summary>
    [Range(1, 2_000_000_000, ErrorMessage = "Trainer:MaxModelBytes must lie between 1 and 2000000000.")]
    public long MaxModelBytes { get; set; } = 2_000_000_000;

    /// <summary>
    /// Precision, 0.5 to 0.9999, that the threshold of a first model on <see cref="Backbone"/> has to reach on edited copies of calibration
    /// pictures. Default 0.95.
    /// </summary>
    [Range(.5, .9999, ErrorMessage = "Trainer:CopyPrecision must lie between 0.5 and 0.9999.")]
    public double CopyPrecision { get; set; } = .95;

    /// <summary>
    /// Fits a head to the pictures of <see cref="CalibrationFolder"/>, at least 256 besides those that calibrate: set it when they are like
    /// those of the catalogue. Default false: the head is the feature at unit length.
    /// </summary>
    public bool FitHead { get; set; }

    /// <summary>
    /// Whether nothing is decoded where a wall around the processes that do it is missing, a network of its own excepted: a night that
    /// needs pictures then waits. Default: false; what is missing is logged.
    /// </summary>
    public bool RequireWalls { get; set; }

    /// <summary>When nights begin: a cron expression of five fields; empty: never by themselves. Default 02:30 every day.</summary>
    public string Schedule { get; set; } = "30 2 * * *";

    /// <summary>The time zone of <see cref="Schedule"/>, such as <c>Europe/Berlin</c>. Default UTC.</summary>
    [Required(ErrorMessage = "Trainer:ScheduleTimeZone must not be empty; UTC is the default.")]
    public string ScheduleTimeZone { get; set; } = "UTC";

    internal FirstModelOrder OrderFor(string? backbone) => new(
        backbone, CalibrationFolder, new FirstModelOptions { Precision = CopyPrecision, FitsHead = FitHead }, RequireWalls);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(ScheduleTimeZone, out _))
        {
            yield return new ValidationResult(
                $"Trainer:ScheduleTimeZone: this machine knows no time zone '{ScheduleTimeZone}'.", [nameof(ScheduleTimeZone)]);
        }
    }
}
