using System.Security.Claims;
using System.Text.Json;

namespace CpfPipeline.Hosting.Access.Tokens;

/// <summary>Reads lists of words in claims: <c>roles</c>, or deeper down <c>realm_access.roles</c>.</summary>
public static class TokenClaims
{
    /// <summary>The words at a path; none when there is nothing of that kind.</summary>
    /// <param name="claims">Claims, as JSON where they are objects or arrays.</param>
    /// <param name="path">Name of a claim, or names of members below one, with dots between. Names may hold dots themselves.</param>
    public static IReadOnlyList<string> Read(IEnumerable<Claim> claims, string path)
    {
        var all = claims.ToList();
        var words = all.Where(c => c.Type == path).SelectMany(c => WordsOf(c.Value)).ToList();
        for (var dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0 && words.Count == 0;
            dot = path.IndexOf('.', dot + 1))
        {
            words = [.. all.Where(c => c.Type == path[..dot]).SelectMany(c => Below(c.Value, path[(dot + 1)..]))];
        }

        return words;
    }

    private static List<string> Below(string json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Find(document.RootElement, path) is { } found ? WordsOf(found) : [];
        }
        catch (JsonException)
        {
            return []; // A plain text has nothing below it.
        }
    }

    private static JsonElement? Find(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (element.TryGetProperty(path, out var whole))
        {
            return whole;
        }

        for (var dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            if (element.TryGetProperty(path[..dot], out var part) && Find(part, path[(dot + 1)..]) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static List<string> WordsOf(string value)
    {
        if (!value.StartsWith('['))
        {
            return [value];
        }

        try
        {
            using var document = JsonDocument.Parse(value);
            return WordsOf(document.RootElement);
        }
        catch (JsonException)
        {
            return [value];
        }
    }

    private static List<string> WordsOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => [.. element.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!)],
        _ => [],
    };
}
