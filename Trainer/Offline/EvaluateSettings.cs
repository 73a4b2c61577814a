using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>evaluate</c>.</summary>
internal sealed class EvaluateSettings : CommandSettings
{
    [CommandOption("--images <LABELS.CSV>", true)]
    [Description("Labels file or its folder; give it several times for several sets.")]
    public string[] Images { get; init; } = [];

    [CommandOption("--model <DIR>", true)]
    [Description("Model folder that train wrote.")]
    public string Model { get; init; } = "";

    [CommandOption("--split <SPLIT>")]
    [Description("Pictures to measure on: train, val or test. Distractors are always in the gallery.")]
    [AllowedValues("train", "val", "test")]
    [DefaultValue("test")]
    public string Split { get; init; } = "test";

    [CommandOption("--seed <N>")]
    [Description("Seed of the bootstrap that gives the interval of F1.")]
    [Range(0, int.MaxValue)]
    [DefaultValue(1)]
    public int Seed { get; init; } = 1;

    [CommandOption("--feature-cache <MEGABYTES>")]
    [Description("What features may take that are kept in the state folder for later runs; 0 keeps none. Default: 1024.")]
    [Range(0, 1_000_000)]
    [DefaultValue(1024)]
    public int FeatureCacheMegabytes { get; init; } = 1024;

    [CommandOption("--json")]
    [Description("Print the figures as one JSON object.")]
    public bool Json { get; init; }
}
