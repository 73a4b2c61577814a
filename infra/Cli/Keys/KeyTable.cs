using System.Globalization;
using CpfPipeline.Cli.Display;
using CpfPipeline.Data.Access;
using Spectre.Console;

namespace CpfPipeline.Cli.Keys;

/// <summary>Prints keys as a table.</summary>
internal static class KeyTable
{
    public static void Write(IEnumerable<ApiKey> keys, DateTimeOffset now)
    {
        var table = new ListTable("name", "id", "state", "created", "expires", "last used", "sources", "roles");
        foreach (var key in keys)
        {
            table.Add(
                new Text(key.Name), new Text(key.KeyId), new Text(StateOf(key, now)), new Text(TimeOf(key.CreatedAt)),
                new Text(TimeOf(key.ExpiresAt)), new Text(TimeOf(key.LastUsedAt)),
                new Text(SourcesOf(key)), new Text(string.Join(' ', key.Roles)));
        }

        table.Write();
    }

    /// <summary>What a key is good for now.</summary>
    public static string StateOf(ApiKey key, DateTimeOffset now) =>
        key.RevokedAt is not null ? "revoked" : !key.IsValidAt(now) ? "expired" : now < key.FormerUntil ? "two secrets" : "valid";

    private static string SourcesOf(ApiKey key) =>
        key.Sources.Count == 0 ? "all" : string.Join(", ", key.Sources) + (key.GlobalKeys ? " (global product keys)" : "");

    private static string TimeOf(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) ?? "";
}
