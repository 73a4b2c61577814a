using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace CpfPipeline.Tests.Unit.Deployment;

/// <summary>The schemas that lie beside these tests.</summary>
internal static class JsonSchemas
{
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List };

    private static readonly JsonObject Custom = Read("custom-resources.json");

    private static readonly JsonSchema Compose = Load(Read("compose.json"));

    /// <summary>What the schema for Compose says against a file.</summary>
    public static IEnumerable<string> FaultsOfCompose(JsonNode file) => Faults(Compose, file);

    /// <summary>Whether there is a schema for a kind of resource.</summary>
    public static bool Knows(string kind) => Custom["$defs"]!.AsObject().ContainsKey(kind);

    /// <summary>What the schema of its kind (<c>keda.sh/v1alpha1 ScaledObject</c>) says against a resource.</summary>
    public static IEnumerable<string> FaultsOf(string kind, JsonNode resource)
    {
        var schema = Custom.DeepClone().AsObject();
        schema["$ref"] = $"#/$defs/{kind.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)
            .Replace(" ", "%20", StringComparison.Ordinal)}";
        return Faults(Load(schema), resource);
    }

    private static IEnumerable<string> Faults(JsonSchema schema, JsonNode file) =>
        schema.Evaluate(JsonSerializer.SerializeToElement(file), Options) is { IsValid: false } result
            ? (result.Details ?? []).Where(d => d.Errors is { Count: > 0 })
                .Select(d => $"{d.InstanceLocation}: {string.Join("; ", d.Errors!.Select(e => e.Value))}").DefaultIfEmpty("not valid")
            : [];

    private static JsonSchema Load(JsonNode schema) => JsonSchema.FromText(schema.ToJsonString());

    private static JsonObject Read(string name) =>
        JsonNode.Parse(File.ReadAllText(Checkout.At($"tests/Unit/Deployment/Schemas/{name}")))!.AsObject();
}
