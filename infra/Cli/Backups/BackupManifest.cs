using System.Text.Json;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// What a backup is. Written last: a folder without one holds a backup that is not whole.
/// </summary>
internal sealed record BackupManifest
{
    /// <summary>The layout that this program writes and reads.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true };

    public required int Format { get; init; }

    /// <summary>Name of its folder.</summary>
    public required string Id { get; init; }

    /// <summary>Of which installation it is: <c>cpf.installation</c>.</summary>
    public required Guid Installation { get; init; }

    /// <summary>The database's time at the snapshot that all of it shows.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>PostgreSQL's name of the snapshot, for its log.</summary>
    public required string Snapshot { get; init; }

    public required int SchemaVersion { get; init; }

    /// <summary>Major version of the server that was dumped.</summary>
    public required int PostgresVersion { get; init; }

    /// <summary>Major version of the pg_dump that wrote it.</summary>
    public required int DumpVersion { get; init; }

    /// <summary>Version of this program.</summary>
    public required string ProgramVersion { get; init; }

    /// <summary>Rows of the tables that people ask for, at the snapshot.</summary>
    public required IReadOnlyDictionary<string, long> Rows { get; init; }

    public required long Blobs { get; init; }

    public required long BlobBytes { get; init; }

    /// <summary>Contents of the dump whose blob is not here, since they were erased or collected while the backup was made.</summary>
    public required long Gone { get; init; }

    /// <summary>Contents of the dump whose blob was missing or damaged in the blob store.</summary>
    public required long Missing { get; init; }

    /// <summary>Tells whether a tombstone key is the right one, hex; null before the first erasure.</summary>
    public string? KeyCheck { get; init; }

    /// <summary>The files of its folder, by name. A blob's hash is its name.</summary>
    public required IReadOnlyDictionary<string, BackupFile> Files { get; init; }

    /// <summary>The manifest of the newest backup of a folder; null when there is no whole one.</summary>
    /// <exception cref="CommandException">It cannot be read (3).</exception>
    public static BackupManifest? Read(BackupFolder folder) => ReadFile(folder.Manifest);

    /// <summary>The manifest of one backup of a folder; null when there is no such whole one.</summary>
    /// <exception cref="CommandException">It cannot be read (3).</exception>
    public static BackupManifest? Read(BackupFolder folder, string id) => !BackupFolder.IsId(id) ? null
        : ReadFile(folder.ManifestOf(id)) is not { } manifest ? (Read(folder) is { } newest && newest.Id == id ? newest : null)
        : manifest.Id == id ? manifest : throw CommandException.Infrastructure($"{folder.ManifestOf(id)} is damaged");

    private static BackupManifest? ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllText(path), Json);
            if (manifest?.Format is { } format and not CurrentFormat)
            {
                throw CommandException.Infrastructure(
                    $"{path} has format {format}, this program knows {CurrentFormat}: use the program that wrote it");
            }

            return manifest?.IsValid == true ? manifest : throw CommandException.Infrastructure($"{path} is damaged");
        }
        catch (JsonException e)
        {
            throw CommandException.Infrastructure($"{path} is damaged: {e.Message}");
        }
    }

    // It may have been altered: its id names a folder, and what it does not name would not be compared.
    private bool IsValid =>
        Id is not null && BackupFolder.IsId(Id) && Rows is not null && Blobs >= 0 && Rows.ContainsKey("images")
        && Rows.ContainsKey("contents") && Rows.ContainsKey("erasures")
        && Files is { Count: 2 } && Files.ContainsKey(BackupFolder.DumpName) && Files.ContainsKey(BackupFolder.BlobListName)
        && Files.Values.All(f => f is { Bytes: >= 0, Sha256.Length: 64 });

    /// <summary>Makes this the newest backup, whole or not at all.</summary>
    public void Write(BackupFolder folder)
    {
        WriteFile(folder.ManifestOf(Id));
        WriteFile(folder.Manifest);
    }

    private void WriteFile(string path)
    {
        var unfinished = path + ".new";
        using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this, Json);
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
