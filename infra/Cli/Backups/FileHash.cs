using System.Security.Cryptography;

namespace CpfPipeline.Cli.Backups;

/// <summary>Length and hash of a file, in little memory.</summary>
internal static class FileHash
{
    public static async Task<BackupFile> OfAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return new BackupFile(stream.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)));
    }
}
