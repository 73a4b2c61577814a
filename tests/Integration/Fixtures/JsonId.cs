using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>Reads ids out of JSON, where they are strings; a number fails.</summary>
internal static class JsonId
{
    public static long Of(JsonNode? id) => long.Parse((string)id!, CultureInfo.InvariantCulture);

    public static long Of(JsonElement id) => long.Parse(id.GetString()!, CultureInfo.InvariantCulture);
}
