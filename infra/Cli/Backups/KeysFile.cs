using System.Text.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// The secrets of an installation, kept apart from its backup: the tombstone key, and the passwords of the private servers. Whoever has
/// both can tell whether a given picture was erased.
/// </summary>
internal static class KeysFile
{
    private const string KeyName = "tombstone_key";
    private const string StateName = "state";

    /// <summary>Writes the file, readable by its owner only.</summary>
    /// <param name="source">The installation.</param>
    /// <param name="path">The file.</param>
    /// <param name="folder">The backup, which it may not lie in.</param>
    /// <exception cref="CommandException">It lies in the backup (2).</exception>
    public static void Write(BackupSource source, string path, BackupFolder folder)
    {
        Refuse(path, folder);
        var keys = new JsonObject();
        if (File.Exists(source.TombstoneKey))
        {
            keys[KeyName] = File.ReadAllText(source.TombstoneKey).Trim();
        }

        if (File.Exists(source.State) && JsonNode.Parse(File.ReadAllText(source.State)) is JsonObject state)
        {
            state.Remove("ports"); // They are free ports of that machine.
            keys[StateName] = state;
        }

        Installation.WritePrivate(Path.GetFullPath(path), keys.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <summary>Refuses a file within the backup, before anything is done.</summary>
    /// <exception cref="CommandException">It lies there (2).</exception>
    public static void Refuse(string path, BackupFolder folder)
    {
        if (Path.GetFullPath(path).StartsWith(folder.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw CommandException.Usage("--keys: the file may not lie in the backup: whoever steals that would have it as well");
        }
    }

    /// <summary>The tombstone key of a file, as text; null when it has none.</summary>
    /// <exception cref="CommandException">It is no such file (2).</exception>
    public static string? ReadKey(string path) => Read(path)[KeyName]?.GetValue<string>();

    /// <summary>The secrets of the private servers; null when it has none.</summary>
    /// <exception cref="CommandException">It is no such file (2).</exception>
    public static string? ReadState(string path) => Read(path)[StateName]?.ToJsonString();

    private static JsonObject Read(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException("it holds no object");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"--keys: {path} cannot be read as a keys file: {e.Message}");
        }
    }
}
