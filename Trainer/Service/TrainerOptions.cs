using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Trainer.Service;

/// <summary>Section <c>Trainer</c> of the configuration.</summary>
public sealed class TrainerOptions : IValidatableObject
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Trainer";

    private const int LeastTokenLength = 16;

    /// <summary>
    /// Path of an ONNX backbone with its metadata (<c>infra/cpf backbone add</c> writes them). At start, when its SHA-256 is not that
    /// of the active model's backbone, a model is made from it, activated, and everything is embedded anew. Default: none; a system
    /// without a model then gets the bundled one. Removing the setting later keeps the model that is active.
    /// </summary>
    public string? Backbone { get; set; }

    /// <summary>Folder of pictures on augmented copies of which a first model's threshold is measured. Default: the bundled ones.</summary>
    [MinLength(1, ErrorMessage = "Trainer:CalibrationFolder must not be empty.")]
    public string CalibrationFolder { get; set; } = Path.Combine(AppContext.BaseDirectory, "Calibration");

    /// <summary>When nights begin: a cron expression of five fields; empty: never by themselves. Default 02:30 every day.</summary>
    public string Schedule { get; set; } = "30 2 * * *";

    /// <summary>The time zone of <see cref="Schedule"/>, such as <c>Europe/Berlin</c>. Default UTC.</summary>
    [Required(ErrorMessage = "Trainer:ScheduleTimeZone must not be empty; UTC is the default.")]
    public string ScheduleTimeZone { get; set; } = "UTC";

    /// <summary>Secret that <c>X-Cpf-Operator</c> must carry for whatever changes something, and the password of the dashboard. Default empty: both are disabled.</summary>
    public string OperatorToken { get; set; } = "";

    /// <summary>How much worse than the active model a candidate may be on the test classes, in F1 (in precision where a precision is asked for). Default 0.01.</summary>
    [Range(0.0, 1.0)]
    public double GateMargin { get; set; } = .01;

    /// <summary>Passes over the labelled contents at most, when a head is trained. Default 0: as many as <c>train</c> takes, 40.</summary>
    [Range(0, 10_000)]
    public int Epochs { get; set; }

    /// <summary>
    /// Share of the contents in groups whose companions may differ under a new model; more refuses it. Default 0.75: a first night changes over half of what a
    /// bundled model made of the demonstration's catalogue (measured). Activations and rollbacks that somebody asks for are not refused.
    /// </summary>
    [Range(0.0, 1.0)]
    public double MaxChurn { get; set; } = .75;

    /// <summary>Contents from which on a new model's embeddings get a vector index; as <c>Matcher:IndexAtContents</c>. Default 50,000.</summary>
    [Range(1, long.MaxValue)]
    public long IndexAtContents { get; set; } = 50_000;

    /// <summary>Retired models that stay ready: going back to one of them only catches up. Default 2.</summary>
    [Range(0, 100)]
    public int ModelsKept { get; set; } = 2;

    /// <summary>Threads that embed the catalogue from stored features. Default 0: all cores but one, at least one.</summary>
    [Range(0, 1024)]
    public int BackfillThreads { get; set; }

    /// <summary>Contents embedded in one transaction, a thread. Default 4,096.</summary>
    [Range(1, 100_000)]
    public int BackfillChunk { get; set; } = 4096;

    /// <summary>How long a model with another backbone waits for the Embedder without anything coming. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan BackfillPatience { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Folder in which trainings keep where they are; a restart on the same machine goes on from there. Default <c>cpf-trainings</c> among the temporary files.</summary>
    [MinLength(1, ErrorMessage = "Trainer:WorkFolder must not be empty.")]
    public string WorkFolder { get; set; } = Path.Combine(Path.GetTempPath(), "cpf-trainings");

    internal int EffectiveBackfillThreads => BackfillThreads > 0 ? BackfillThreads : Math.Max(1, Environment.ProcessorCount - 1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OperatorToken.Length is > 0 and < LeastTokenLength)
        {
            yield return new ValidationResult(
                $"Trainer:OperatorToken must have at least {LeastTokenLength} characters (or be empty, which disables changes and the dashboard).", [nameof(OperatorToken)]);
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(ScheduleTimeZone, out _))
        {
            yield return new ValidationResult($"Trainer:ScheduleTimeZone: this machine knows no time zone '{ScheduleTimeZone}'.", [nameof(ScheduleTimeZone)]);
        }
    }

    internal string WorkFolderOf(Guid runId) => Path.Combine(WorkFolder, runId.ToString());

    internal void RemoveWorkFolder(Guid runId)
    {
        if (Directory.Exists(WorkFolderOf(runId)))
        {
            Directory.Delete(WorkFolderOf(runId), recursive: true);
        }
    }
}
