using System.Security.Cryptography;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>A feed's file on this machine, as it was at one time.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">SHA-256 of its bytes.</param>
/// <param name="Bytes">How many these were.</param>
/// <param name="WrittenAt">When it was written last.</param>
internal sealed record LocalFeedFile(string Path, byte[] Sha256, long Bytes, DateTime WrittenAt)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Reads the whole file once. Null when that fails: the reader of its rows reports why.</summary>
    public static async Task<LocalFeedFile?> LookAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var writtenAt = File.GetLastWriteTimeUtc(path);
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, useAsync: true);
            var bytes = file.Length;
            return new LocalFeedFile(path, await SHA256.HashDataAsync(file, cancellationToken), bytes, writtenAt);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether the file seems unchanged since.</summary>
    public bool IsStillThere() =>
        new FileInfo(Path) is { Exists: true } now && now.Length == Bytes && now.LastWriteTimeUtc == WrittenAt;

    /// <summary>Whether that is its hash.</summary>
    public bool Is(byte[]? sha256) => sha256 is not null && Sha256.AsSpan().SequenceEqual(sha256);
}
