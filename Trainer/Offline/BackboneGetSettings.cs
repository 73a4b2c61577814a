using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>backbone get</c>.</summary>
internal sealed class BackboneGetSettings : CommandSettings
{
    [CommandArgument(0, "<NAME>")]
    [Description("Short name (infra/cpf backbone list shows them), or hf:OWNER/NAME, or hf:OWNER/NAME@REVISION.")]
    public string Name { get; init; } = "";

    [CommandArgument(1, "[OUT.onnx]")]
    [Description("Backbone file to write. Default: the name with .onnx, here.")]
    public string? Out { get; init; }

    [CommandOption("--pool <HOW>")]
    [Description(
        "Use the tokens: class for the class token, mean for the mean of patches. Default: what the network itself pools, if it does.")]
    [AllowedValues("class", "mean")]
    public string? Pool { get; init; }

    [CommandOption("--feature <OUTPUT>")]
    [Description("Name of the output to use. Default: image_embeds, else pooler_output, else last_hidden_state, else the only one.")]
    public string? Feature { get; init; }

    [CommandOption("--file <PATH>")]
    [Description("Graph in the repository. Default: onnx/model.onnx, else onnx/vision_model.onnx, else model.onnx.")]
    public string? File { get; init; }

    [CommandOption("--kernel <NAME>")]
    [Description("How pixels become fewer: fast, nearest, bilinear, bicubic or lanczos. Default: as the network was trained.")]
    [AllowedValues("fast", "nearest", "bilinear", "bicubic", "lanczos")]
    public string? Kernel { get; init; }
}
