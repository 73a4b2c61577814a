using System.Text.Json;

namespace CpfPipeline.Cli.Services;

/// <summary>What a service answered to <c>GET /health</c>.</summary>
/// <param name="Stuck">Waiting will not make it healthy.</param>
/// <param name="Queues">Waiting messages by queue.</param>
internal sealed record HealthReport(
    bool Healthy,
    bool Stuck,
    string? Version,
    IReadOnlyDictionary<string, long> Queues,
    IReadOnlyList<string> Problems,
    IReadOnlyDictionary<string, JsonElement> Details)
{
    /// <summary>No answer.</summary>
    public static HealthReport None { get; } = new(
        false, false, null, new Dictionary<string, long>(), [], new Dictionary<string, JsonElement>());

    /// <summary>Reads the body; whatever is missing stays empty.</summary>
    public static HealthReport Parse(bool healthy, string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object
                ? None with { Healthy = healthy }
                : new(
                    healthy,
                    root.TryGetProperty("stuck", out var stuck) && stuck.ValueKind == JsonValueKind.True,
                    root.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String
                        ? version.GetString() : null,
                    Members(root, "queues")
                        .Where(p => p.Value.ValueKind == JsonValueKind.Number).ToDictionary(p => p.Name, p => p.Value.GetInt64()),
                    root.TryGetProperty("problems", out var problems) && problems.ValueKind == JsonValueKind.Array
                        ? [.. problems.EnumerateArray().Select(p => p.ToString())]
                        : [],
                    Members(root, "details").ToDictionary(p => p.Name, p => p.Value.Clone()));
        }
        catch (JsonException)
        {
            return None with { Healthy = healthy };
        }

        static IEnumerable<JsonProperty> Members(JsonElement root, string name) =>
            root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];
    }
}
