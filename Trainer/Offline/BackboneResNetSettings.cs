using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>backbone resnet</c>.</summary>
internal sealed class BackboneResNetSettings : CommandSettings
{
    [CommandArgument(0, "<OUT.onnx>")]
    [Description("Backbone file to write.")]
    public string Out { get; init; } = "";

    [CommandOption("--size <PIXELS>")]
    [Description("Side of the input in pixels, at least 32.")]
    [Range(32, int.MaxValue)]
    [DefaultValue(64)]
    public int Size { get; init; } = 64;

    [CommandOption("--seed <N>")]
    [Description("Seed of the weights.")]
    [Range(0, int.MaxValue)]
    [DefaultValue(1)]
    public int Seed { get; init; } = 1;
}
