using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Nights;

/// <summary>What section <c>Trainer</c> of the configuration says about nights.</summary>
public sealed class NightOptions
{
    /// <summary>Name of the section, which is the Trainer's: nights are its work.</summary>
    public const string Section = "Trainer";

    /// <summary>
    /// How much worse than the active model a candidate may be on the test classes, in F1 (in precision where a precision is asked for).
    /// Default 0.01.
    /// </summary>
    [Range(0.0, 1.0)]
    public double GateMargin { get; set; } = .01;

    /// <summary>
    /// Precision, 0.5 to 0.9999, on edited copies that the threshold of a night without enough product keys has to reach. Default 0.95.
    /// </summary>
    [Range(.5, .9999)]
    public double CopyPrecision { get; set; } = .95;

    /// <summary>Passes over the labelled contents at most, when a head is trained. Default 0: 160, and 2,000 steps.</summary>
    [Range(0, 10_000)]
    public int Epochs { get; set; }

    /// <summary>
    /// Share of the contents in groups whose companions may differ under a new model; more refuses it. Default 0.75. The first night of a
    /// catalogue is not refused: what it replaces has learned nothing of the catalogue. Neither are activations and rollbacks that somebody
    /// asks for.
    /// </summary>
    [Range(0.0, 1.0)]
    public double MaxChurn { get; set; } = .75;

    /// <summary>
    /// Contents from which on a new model's embeddings get a vector index; as <c>Matcher:IndexAtContents</c>. Default 50,000.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long IndexAtContents { get; set; } = 50_000;

    /// <summary>
    /// Memory of the database server, MiB, that building the vector index may take; as <c>Matcher:IndexMegabytes</c>. Default 2,048.
    /// </summary>
    [Range(64, 1_048_576)]
    public int IndexMegabytes { get; set; } = 2_048;

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

    /// <summary>
    /// Folder in which trainings keep their state. After a restart on the same machine they continue from there. Default
    /// <c>cpf-trainings</c> in the folder for temporary files.
    /// </summary>
    [MinLength(1, ErrorMessage = "Trainer:WorkFolder must not be empty.")]
    public string WorkFolder { get; set; } = Path.Combine(Path.GetTempPath(), "cpf-trainings");

    internal int EffectiveBackfillThreads => BackfillThreads > 0 ? BackfillThreads : Math.Max(1, Environment.ProcessorCount - 1);

    internal string WorkFolderOf(Guid runId) => Path.Combine(WorkFolder, runId.ToString());

    internal void RemoveWorkFolder(Guid runId)
    {
        if (Directory.Exists(WorkFolderOf(runId)))
        {
            Directory.Delete(WorkFolderOf(runId), recursive: true);
        }
    }
}
