using System.Buffers.Binary;
using System.IO.Compression;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>A feed's file as a stream of its bytes, decompressed when it is gzip or a zip archive of one file.</summary>
internal static class FeedFile
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Opens the file. What it is shows in its first bytes, not in its name.</summary>
    /// <exception cref="FeedFormatException">A zip archive holds no file, or several.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Stream Open(string path)
    {
        var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);
        try
        {
            Span<byte> magic = stackalloc byte[4];
            var length = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            file.Position = 0;
            return magic[..length] switch
            {
                [0x1F, 0x8B, ..] => new OwningStream(new GZipStream(file, CompressionMode.Decompress), file)
                {
                    Length32 = GzipLength(file),
                },
                [(byte)'P', (byte)'K', 3, 4] or [(byte)'P', (byte)'K', 5, 6] => OpenZip(file),
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

    // The last four bytes are the length of what was compressed, modulo 2^32. Without this check a cut file would look like a whole one.
    private static uint GzipLength(FileStream file)
    {
        Span<byte> trailer = stackalloc byte[4];
        file.Position = Math.Max(file.Length - trailer.Length, 0);
        file.ReadAtLeast(trailer, trailer.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer);
    }

    private static Stream OpenZip(FileStream file)
    {
        try
        {
            var archive = new ZipArchive(file, ZipArchiveMode.Read);
            var entries = archive.Entries.Where(e => e.Name.Length > 0).Take(2).ToArray();
            return entries.Length == 1
                ? new OwningStream(entries[0].Open(), archive)
                : throw new FeedFormatException(
                    $"The zip archive must hold exactly one file; it holds {(entries.Length == 0 ? "none" : "several")}.");
        }
        catch (InvalidDataException e)
        {
            throw new FeedFormatException($"The zip archive cannot be read: {e.Message}");
        }
    }
}
