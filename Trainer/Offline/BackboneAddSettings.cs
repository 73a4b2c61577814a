using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>backbone add</c>.</summary>
internal sealed class BackboneAddSettings : CommandSettings
{
    [CommandArgument(0, "<IN.onnx>")]
    [Description("Plain ONNX file.")]
    public string In { get; init; } = "";

    [CommandArgument(1, "<OUT.onnx>")]
    [Description("Backbone file to write.")]
    public string Out { get; init; } = "";

    [CommandOption("--size <PIXELS>", true)]
    [Description("Input size in pixels: 224, or 224x160 (height x width).")]
    public string Size { get; init; } = "";

    [CommandOption("--resize <RULE>", true)]
    [Description("How a picture is brought to that size: squash, or shorter-side (then cropped in the middle).")]
    [AllowedValues("squash", "shorter-side")]
    public string Resize { get; init; } = "";

    [CommandOption("--mean <R,G,B>", true)]
    [Description("Mean of each channel, for values from 0 to 1.")]
    public string Mean { get; init; } = "";

    [CommandOption("--std <R,G,B>", true)]
    [Description("Standard deviation of each channel, above 0.")]
    public string Std { get; init; } = "";

    [CommandOption("--feature <OUTPUT>", true)]
    [Description("Name of the output that is the feature.")]
    public string Feature { get; init; } = "";

    [CommandOption("--provenance <TEXT>")]
    [Description("Where the backbone comes from. Default: the file's name and SHA-256.")]
    public string? Provenance { get; init; }
}
