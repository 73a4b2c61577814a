using System.ComponentModel;
using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Options of <c>backbone default</c>.</summary>
internal sealed class BackboneDefaultSettings : CommandSettings
{
    [CommandArgument(0, "<OUT.onnx>")]
    [Description("Backbone file to write.")]
    public string Out { get; init; } = "";
}
