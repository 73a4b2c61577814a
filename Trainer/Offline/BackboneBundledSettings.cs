using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>backbone bundled</c>.</summary>
internal sealed class BackboneBundledSettings : CommandSettings
{
    [CommandArgument(0, "<OUT_DIR>")]
    [Description("Model folder to write.")]
    public string Out { get; init; } = "";

    [CommandOption("--images <FOLDER>", true)]
    [Description("Pictures to train on.")]
    public string Images { get; init; } = "";

    [CommandOption("--seed <N>")]
    [Description("Seed of weights, batches and augmentation.")]
    [Range(0, int.MaxValue)]
    [DefaultValue(1)]
    public int Seed { get; init; } = 1;

    [CommandOption("--epochs <N>")]
    [Description("Times that as many pictures are drawn as there are. Default: 100.")]
    [Range(1, int.MaxValue)]
    public int? Epochs { get; init; }

    [CommandOption("--checkpoint <DIR>")]
    [Description("Where an interrupted training is kept and goes on from.")]
    public string? Checkpoint { get; init; }
}
