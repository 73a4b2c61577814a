using System.Security.Cryptography;

namespace CpfPipeline.Tests.Benchmarks.Pictures;

/// <summary>A content as the database knows it.</summary>
internal sealed record Content(long ContentId, byte[] Sha256, string Format, int Width, int Height, int ByteLength)
{
    public static Content Of(ReadOnlySpan<byte> bytes, string format, int width, int height)
    {
        var sha256 = SHA256.HashData(bytes);
        return new Content(CpfPipeline.Data.Ids.ContentId.FromSha256(sha256), sha256, format, width, height, bytes.Length);
    }

    /// <summary>
    /// Where the folder blob store keeps it; written without flushing, since nobody needs a benchmark's blobs after a power cut.
    /// </summary>
    public void WriteBlob(string folder, ReadOnlySpan<byte> bytes)
    {
        var name = Convert.ToHexStringLower(Sha256);
        var path = Directory.CreateDirectory(Path.Combine(folder, name[..2], name[2..4])).FullName;
        File.WriteAllBytes(Path.Combine(path, name), bytes);
    }
}
