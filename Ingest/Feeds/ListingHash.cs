using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// The hash of what a folder lists: its pictures with their keys, in their order. It stands for the hash of a feed's file.
/// </summary>
internal sealed class ListingHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a row.</summary>
    public void Add(Submission row)
    {
        Add(row.ExternalId);
        Add(row.Uri);
        Add(row.ProductKey);
        Add(row.KeyScope);
        Add(row.Revision?.ToString(CultureInfo.InvariantCulture));
        Add(row.Problem);
    }

    /// <summary>SHA-256 of all rows; then it begins anew.</summary>
    public byte[] Take() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();

    // With its length, so that no two lists of texts make the same bytes.
    private void Add(string? text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : Encoding.UTF8.GetByteCount(text));
        _hash.AppendData(length);
        _hash.AppendData(Encoding.UTF8.GetBytes(text ?? ""));
    }
}
