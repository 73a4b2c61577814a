using System.Text.Json;

namespace CpfPipeline.Trainer.Hub;

/// <summary>What was fetched, on this machine: descriptions by revision, and files by commit, each with what it was checked by.</summary>
/// <param name="folder">Where it lies.</param>
internal sealed class HubStore(string folder)
{
    /// <summary>Of a file that is not there wholly.</summary>
    public const string UnfinishedSuffix = ".incomplete";

    /// <summary>Of what a file was checked by.</summary>
    public const string CheckSuffix = ".check";

    /// <summary>Where a file of a repository is, or will be.</summary>
    public string PathOf(HubName name, string commit, string path) => Path.Combine([FolderOf(name), commit, .. path.Split('/')]);

    /// <summary>Keeps a description.</summary>
    public Task KeepAsync(HubName name, HubModel model, CancellationToken cancellationToken) =>
        WriteAsync(DescriptionOf(name), JsonSerializer.Serialize(model), cancellationToken);

    /// <summary>The description that was kept; null: none.</summary>
    public async Task<HubModel?> FindAsync(HubName name, CancellationToken cancellationToken) =>
        await ReadAsync<HubModel>(DescriptionOf(name), cancellationToken);

    /// <summary>Keeps what a file was checked by.</summary>
    public static Task KeepAsync(string path, HubFileCheck check, CancellationToken cancellationToken) =>
        WriteAsync(path + CheckSuffix, JsonSerializer.Serialize(check), cancellationToken);

    /// <summary>Whether a file is there and still what it was.</summary>
    public static async Task<bool> HoldsAsync(string path, CancellationToken cancellationToken) =>
        File.Exists(path) && await ReadAsync<HubFileCheck>(path + CheckSuffix, cancellationToken) is { } check
        && await check.HoldsForAsync(path, cancellationToken);

    private string FolderOf(HubName name) => Path.Combine(folder, name.Owner, name.Name);

    private string DescriptionOf(HubName name) =>
        Path.Combine(FolderOf(name), "revisions", Uri.EscapeDataString(name.Revision) + ".json");

    private static async Task<T?> ReadAsync<T>(string path, CancellationToken cancellationToken)
        where T : class
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (JsonException)
        {
            return null; // Cut off by a crash: as if it had not been written.
        }
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path + UnfinishedSuffix, text, cancellationToken);
        File.Move(path + UnfinishedSuffix, path, overwrite: true);
    }
}
