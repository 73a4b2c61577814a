using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>A service's description at <c>/openapi/v1.json</c>, to be compared with its answers.</summary>
internal sealed class ApiDescription
{
    private readonly HttpClient _client;
    private readonly JsonObject _document;
    private readonly HashSet<string> _asked = [];

    private ApiDescription(HttpClient client, JsonObject document) => (_client, _document) = (client, document);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ApiDescription> ReadAsync(HttpClient client) =>
        new(client, (await client.GetFromJsonAsync<JsonObject>("/openapi/v1.json", Token))!);

    /// <summary>Asks for a path; the answer's JSON must be what the route's description promises.</summary>
    /// <param name="route">The route as it is described.</param>
    /// <param name="path">What to ask for; the route itself when null.</param>
    public async Task<JsonNode> GetAsync(string route, string? path = null)
    {
        _asked.Add(route);
        using var answer = await _client.GetAsync(path ?? route, Token);
        return await CompareAsync(route, "get", answer);
    }

    /// <summary>An answer's JSON must be what the route's description promises.</summary>
    public async Task<JsonNode> CompareAsync(string route, string method, HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Token);
        var described = _document["paths"]?[route]?[method]?["responses"]?[$"{(int)answer.StatusCode}"];
        Assert.True(described is not null, $"{method} {route} is not described to answer {(int)answer.StatusCode}: {text}");
        var schema = described!["content"]?[answer.Content.Headers.ContentType!.MediaType!]?["schema"];
        Assert.True(schema is not null, $"{method} {route}: nothing is said of an answer of type {answer.Content.Headers.ContentType}");
        var value = JsonNode.Parse(text)!;
        Assert.Empty(Compare(value, schema!, $"{method} {route}"));
        return value;
    }

    /// <summary>Every GET that is described must have been asked for.</summary>
    public void AssertAllAsked(params string[] except) => Assert.Equal(
        _asked.Concat(except).Order(StringComparer.Ordinal),
        _document["paths"]!.AsObject().Where(p => p.Value!["get"] is not null).Select(p => p.Key).Order(StringComparer.Ordinal));

    private IEnumerable<string> Compare(JsonNode? value, JsonNode schema, string at)
    {
        if ((string?)schema["$ref"] is { } reference)
        {
            return Compare(value, reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode)_document, (node, name) => node[name]!), at);
        }

        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices)
        {
            var found = choices.Select(choice => Compare(value, choice!, at).ToList()).ToList();
            return found.Exists(problems => problems.Count == 0)
                ? [] : [$"{at}: none of the choices", .. found.SelectMany(problems => problems)];
        }

        var kinds = KindsOf(value);
        string[]? types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(type => (string)type!)],
            { } one => [(string)one!],
            null => null,
        };
        if (types is not null && !types.Intersect(kinds).Any())
        {
            return [$"{at}: {kinds[0]} came where {string.Join(" or ", types)} is promised"];
        }

        return value switch
        {
            JsonArray array when schema["items"] is { } items => array.SelectMany((item, i) => Compare(item, items, $"{at}[{i}]")),
            JsonObject one when schema["properties"] is JsonObject properties => CompareObject(one, schema, properties, at),
            JsonObject one when schema["additionalProperties"] is JsonObject any =>
                one.SelectMany(p => Compare(p.Value, any, $"{at}.{p.Key}")),
            _ => [],
        };
    }

    private IEnumerable<string> CompareObject(JsonObject value, JsonNode schema, JsonObject properties, string at) =>
    [
        .. (schema["required"] as JsonArray ?? []).Select(name => (string)name!).Where(name => !value.ContainsKey(name))
            .Select(name => $"{at}.{name}: promised and missing"),
        .. value.Where(p => !properties.ContainsKey(p.Key)).Select(p => $"{at}.{p.Key}: not described"),
        .. value.Where(p => properties.ContainsKey(p.Key)).SelectMany(p => Compare(p.Value, properties[p.Key]!, $"{at}.{p.Key}")),
    ];

    private static string[] KindsOf(JsonNode? value) => value switch
    {
        null => ["null"],
        JsonArray => ["array"],
        JsonObject => ["object"],
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => ["string"],
            JsonValueKind.Number => value.ToJsonString().All(c => char.IsAsciiDigit(c) || c == '-') ? ["integer", "number"] : ["number"],
            _ => ["boolean"],
        },
    };
}
