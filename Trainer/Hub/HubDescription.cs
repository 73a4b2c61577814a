using System.Text.Json;

namespace CpfPipeline.Trainer.Hub;

/// <summary>Reads how the hub describes a repository. Whatever of it becomes a path on this machine is checked.</summary>
internal static class HubDescription
{
    private const int CommitDigits = 40;

    /// <param name="name">The repository.</param>
    /// <param name="json">The hub's answer.</param>
    /// <exception cref="IOException">It has another form.</exception>
    public static HubModel Read(HubName name, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new HubModel(
                CommitOf(name, root.GetProperty("sha").GetString()), LicenceOf(root),
                [.. root.GetProperty("siblings").EnumerateArray().Select(NameOf).Where(IsPath)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new IOException($"the hub describes {name} in a form that this command does not know", e);
        }
    }

    private static string NameOf(JsonElement file) =>
        file.GetProperty("rfilename").GetString() ?? throw new JsonException("a file has no name");

    private static string CommitOf(HubName name, string? told)
    {
        if (!IsCommit(told))
        {
            throw new IOException($"the hub names no commit of {name}");
        }

        return !IsCommit(name.Revision) || told == name.Revision
            ? told! : throw new IOException($"the hub describes commit {told} in place of {name}");
    }

    private static bool IsCommit(string? text) => text is { Length: CommitDigits } && text.All(char.IsAsciiHexDigitLower);

    // Neither out of the folder, nor over what lies beside a file.
    private static bool IsPath(string path) =>
        path.Split('/').All(part => part is not ("" or "." or "..") && !part.Contains('\\') && !part.Any(char.IsControl))
        && !path.EndsWith(HubStore.UnfinishedSuffix, StringComparison.Ordinal)
        && !path.EndsWith(HubStore.CheckSuffix, StringComparison.Ordinal);

    private static string? LicenceOf(JsonElement root)
    {
        if (root.TryGetProperty("cardData", out var card) && card.ValueKind == JsonValueKind.Object
            && card.TryGetProperty("license", out var licence) && licence.ValueKind == JsonValueKind.String)
        {
            return licence.GetString();
        }

        const string Tag = "license:";
        return root.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
            ? tags.EnumerateArray()
                .Select(t => t.ValueKind == JsonValueKind.String ? t.GetString() : null)
                .FirstOrDefault(t => t?.StartsWith(Tag, StringComparison.Ordinal) == true)?[Tag.Length..]
            : null;
    }
}
