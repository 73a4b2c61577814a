using System.Globalization;
using System.Text.Json;

namespace CpfPipeline.Cli.Services;

/// <summary>What a service prepares before it can do all of its work, in words.</summary>
internal static class PreparationText
{
    private const string Detail = "model_preparation";

    /// <summary>Null when nothing is being prepared.</summary>
    public static string? Of(HealthReport report)
    {
        if (!report.Details.TryGetValue(Detail, out var detail) || detail.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var (pictures, done, left) = (Number(detail, "pictures"), Number(detail, "done"), Number(detail, "seconds_left"));
        return pictures is not > 0
            ? "preparing the model"
            : string.Create(CultureInfo.InvariantCulture, $"preparing the model: {done:0} of {pictures:0} pictures{Left(left)}");
    }

    private static string Left(double? seconds) => seconds switch
    {
        null => "",
        < 90 => string.Create(CultureInfo.InvariantCulture, $", about {seconds:0} s left"),
        _ => string.Create(CultureInfo.InvariantCulture, $", about {seconds / 60:0} min left"),
    };

    private static double? Number(JsonElement detail, string name) =>
        detail.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
