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

    [CommandOption("--json")]
    [Description("Print the figures as one JSON object.")]
    public bool Json { get; init; }
}
