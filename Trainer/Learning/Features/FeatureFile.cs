using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CpfPipeline.Learning.Features;

/// <summary>
/// Features and the hashes of their pictures as a file: format, F, N (both int32), N x 32 bytes of hashes, N x F halves, SHA-256 of all
/// before.
/// </summary>
internal sealed class FeatureFile(int dimension)
{
    private const int HashBytes = SHA256.HashSizeInBytes;
    private const int HeaderBytes = 24;
    private static readonly byte[] Format = "cpf features 1\n\0"u8.ToArray();

    private readonly List<byte> _hashes = [];
    private readonly List<Half> _features = [];

    /// <summary>F.</summary>
    public int Dimension => dimension;

    /// <summary>N.</summary>
    public int Count => _hashes.Count / HashBytes;

    public void Add(ReadOnlySpan<byte> sha256, ReadOnlySpan<Half> feature)
    {
        _hashes.AddRange(sha256);
        _features.AddRange(feature);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length(Count, dimension)];
        Format.CopyTo(bytes, 0);
        MemoryMarshal.Write(bytes.AsSpan(Format.Length), dimension);
        MemoryMarshal.Write(bytes.AsSpan(Format.Length + sizeof(int)), Count);
        _hashes.CopyTo(bytes, HeaderBytes);
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_features)).CopyTo(bytes.AsSpan(HeaderBytes + _hashes.Count));
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashBytes), bytes.AsSpan(bytes.Length - HashBytes));
        return bytes;
    }

    /// <summary>The hashes in hex, row after row; null when the file is damaged, gone or of another form.</summary>
    public static IReadOnlyList<string>? ReadHashes(string path, int dimension)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        if (bytes.Length < HeaderBytes + HashBytes || !bytes.AsSpan(0, Format.Length).SequenceEqual(Format))
        {
            return null;
        }

        var f = MemoryMarshal.Read<int>(bytes.AsSpan(Format.Length));
        var n = MemoryMarshal.Read<int>(bytes.AsSpan(Format.Length + sizeof(int)));
        return f == dimension && n > 0 && bytes.Length == Length(n, f)
            && SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashBytes)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashBytes))
                ? [.. Enumerable.Range(0, n).Select(i => Convert.ToHexString(bytes.AsSpan(HeaderBytes + (i * HashBytes), HashBytes)))]
                : null;
    }

    /// <summary>Reads a row of a file whose hashes were read; false when it is gone.</summary>
    public static bool TryReadRow(string path, int row, Span<Half> feature)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var rowBytes = feature.Length * (long)Marshal.SizeOf<Half>();
            var rows = (RandomAccess.GetLength(file) - HeaderBytes - HashBytes) / (HashBytes + rowBytes);
            var bytes = MemoryMarshal.AsBytes(feature);
            return RandomAccess.Read(file, bytes, HeaderBytes + (rows * HashBytes) + (row * rowBytes)) == bytes.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Length(int rows, int dimension) => HeaderBytes + (rows * ((long)HashBytes + (2L * dimension))) + HashBytes;
}
