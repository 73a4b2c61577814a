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
    [Description("Mean of each channel, for values from 0 to 1 (or what --divisor makes of 0 to 255).")]
    public string Mean { get; init; } = "";

    [CommandOption("--std <R,G,B>", true)]
    [Description("Standard deviation of each channel, above 0.")]
    public string Std { get; init; } = "";

    [CommandOption("--resize-edge <PIXELS>")]
    [Description("Pixels of the shorter side before the centre is cut out, with --resize shorter-side. Default: as few as cover the size.")]
    [Range(1, 4096)]
    public int? ResizeEdge { get; init; }

    [CommandOption("--crop-percent <P>")]
    [Description("Instead of --resize-edge: share of the shorter side that the size is, in percent, such as 87.5.")]
    [Range(1d, 100d)]
    public double? CropPercent { get; init; }

    [CommandOption("--kernel <NAME>")]
    [Description("How pixels become fewer: fast, nearest, bilinear, bicubic or lanczos.")]
    [AllowedValues("fast", "nearest", "bilinear", "bicubic", "lanczos")]
    [DefaultValue("fast")]
    public string Kernel { get; init; } = "fast";

    [CommandOption("--channels <ORDER>")]
    [Description("Order of the planes: rgb or bgr. Mean and deviation are R,G,B in either case.")]
    [AllowedValues("rgb", "bgr")]
    [DefaultValue("rgb")]
    public string Channels { get; init; } = "rgb";

    [CommandOption("--divisor <N>")]
    [Description("What values from 0 to 255 are divided by before mean and deviation; 1 leaves them. Default: 255.")]
    [Range(0.001, 100_000d)]
    public double? Divisor { get; init; }

    [CommandOption("--feature <OUTPUT>", true)]
    [Description("Name of the output that is the feature.")]
    public string Feature { get; init; } = "";

    [CommandOption("--provenance <TEXT>")]
    [Description("Where the backbone comes from. Default: the file's name and SHA-256.")]
    public string? Provenance { get; init; }
}
