using System.Text.Json;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Setup;

/// <summary>The JSON form of an input specification in the table of backbones.</summary>
internal static class InputSpecJson
{
    public static string Of(InputSpec input) => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["input_size"] = input.SizeText,
        ["resize"] = input.ResizeText,
        ["mean"] = input.Mean,
        ["std"] = input.Std,
        ["channels"] = input.ChannelsText,
        ["kernel"] = input.KernelText,
        ["divisor"] = input.Divisor,
        ["resize_edge"] = input.Edge,
    });
}
