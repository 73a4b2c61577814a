namespace CpfPipeline.Ingest.Erasures;

/// <summary>Compares hashes by value.</summary>
internal sealed class BytesComparer : IEqualityComparer<byte[]>
{
    /// <summary>The only instance.</summary>
    public static BytesComparer Instance { get; } = new();

    /// <inheritdoc/>
    public bool Equals(byte[]? x, byte[]? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.AsSpan().SequenceEqual(y));

    /// <inheritdoc/>
    public int GetHashCode(byte[] obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
