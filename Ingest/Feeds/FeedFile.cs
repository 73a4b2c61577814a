using System.IO.Compression;
using CpfPipeline.Ingest.Streams;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>A feed's file as a stream of its bytes, decompressed when it is gzip or a zip archive of one file.</summary>
internal static class FeedFile
{
    private const int MaxListBytes = 1_000_000;

    /// <summary>Opens the file. What it is shows in its first bytes, not in its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="findings">Is told how far it was read, and has the limit of the unpacked bytes.</param>
    /// <exception cref="FeedFormatException">A zip archive holds no file, or several.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Stream Open(string path, FeedFindings findings)
    {
        var file = new FeedFileStream(path, findings);
        try
        {
            Span<byte> magic = stackalloc byte[4];
            var length = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            file.Position = 0;
            return magic[..length] switch
            {
                [0x1F, 0x8B, ..] => new OwningStream(new WholeGzipStream(file), file, findings.MaxUnpackedBytes),
                [(byte)'P', (byte)'K', 3, 4] or [(byte)'P', (byte)'K', 5, 6] => OpenZip(file, findings.MaxUnpackedBytes),
                _ => file,
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file's name without the ending of its compression.</summary>
    public static string PlainName(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".gz" or ".zip" ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(path);

    // The library lists the whole archive first. Of a list of gigabytes, it would hold ten times as much.
    private static OwningStream OpenZip(FeedFileStream file, long maxBytes)
    {
        try
        {
            file.MaxReads = MaxListBytes;
            var archive = new ZipArchive(file, ZipArchiveMode.Read);
            var entries = archive.Entries.Where(e => e.Name.Length > 0).Take(2).ToArray();
            file.MaxReads = long.MaxValue;
            return entries.Length == 1
                ? new OwningStream(entries[0].Open(), archive, maxBytes)
                : throw new FeedFormatException(
                    $"The zip archive must hold exactly one file; it holds {(entries.Length == 0 ? "none" : "several")}.");
        }
        catch (InvalidDataException e)
        {
            throw new FeedFormatException($"The zip archive cannot be read: {e.Message}");
        }
    }
}
