using System.Globalization;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// Where things lie in a backup's folder. Blobs and records of erasures are shared by all backups of it; everything else of a backup has a
/// folder of its own, with a manifest when it is whole. <c>manifest.json</c> is that of the newest.
/// </summary>
/// <param name="root">The folder that the user names.</param>
internal sealed class BackupFolder(string root)
{
    public const string DumpName = "database.dump";
    public const string BlobListName = "blobs.txt";

    public string Root { get; } = Path.GetFullPath(root);

    public string Manifest => Path.Combine(Root, "manifest.json");

    public string Blobs => Path.Combine(Root, "blobs");

    public string Erasures => Path.Combine(Root, "erasures");

    public string Backups => Path.Combine(Root, "backups");

    public string Lock => Path.Combine(Root, "lock");

    /// <summary>Lock of the record of erasures alone, which is copied in between while a backup is made.</summary>
    public string ErasuresLock => Path.Combine(Root, "erasures.lock");

    /// <summary>Says that the folder is a backup's, and of which installation.</summary>
    public string Marker => Path.Combine(Root, "cpf-backup");

    /// <summary>Folder of one backup.</summary>
    public string Of(string id) => Path.Combine(Backups, id);

    /// <summary>Manifest of one backup.</summary>
    public string ManifestOf(string id) => Path.Combine(Of(id), "manifest.json");

    /// <summary>Names of the backups that are whole, the newest first.</summary>
    public IReadOnlyList<string> Whole() => !Directory.Exists(Backups) ? [] :
    [
        .. Directory.EnumerateDirectories(Backups).Select(d => Path.GetFileName(d)).Where(id => IsId(id) && File.Exists(ManifestOf(id)))
            .OrderDescending(StringComparer.Ordinal),
    ];

    /// <summary>A blob, in the layout of the blob store.</summary>
    public string Blob(string sha256) => BlobPool.PathIn(Blobs, sha256);

    /// <summary>Whether a name is one that <see cref="NewId"/> gives.</summary>
    public static bool IsId(string name) =>
        name.Length == 19 && name[8] == 'T' && name[^1] == 'Z' && name.Remove(18).Remove(8, 1).All(char.IsAsciiDigit);

    /// <summary>Name of a backup that begins now.</summary>
    public static string NewId(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
}
