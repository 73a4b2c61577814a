namespace CpfPipeline.Matching.Embeddings;

/// <summary>Rows of one width in chunks of about a million values, so that neither one array's limit of 2^31 elements nor a doubling copy of a
/// large matrix matters.</summary>
internal sealed class ChunkedRows<T> where T : unmanaged
{
    private const int ChunkValues = 1 << 20;
    private readonly List<T[]> _chunks = [];
    private readonly int _shift;

    public ChunkedRows(int width, int capacity)
    {
        Width = width;
        while ((2L << _shift) * width <= ChunkValues)
        {
            _shift++;
        }

        Reserve(capacity);
    }

    public int Width { get; }

    public int Count { get; private set; }

    public Span<T> this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
            return _chunks[row >> _shift].AsSpan((row & ((1 << _shift) - 1)) * Width, Width);
        }
    }

    /// <summary>Adds a row whose contents are undefined until the caller writes them.</summary>
    public Span<T> Append()
    {
        Reserve(Count + 1);
        Count++;
        return this[Count - 1];
    }

    public void Clear() => Count = 0;

    private void Reserve(int rows)
    {
        var perChunk = 1 << _shift;
        while (rows > 0 && (long)_chunks.Count * perChunk < rows)
        {
            // The first chunk grows by doubling: most matrices are a handful of rows.
            var missing = rows - (_chunks.Count * perChunk);
            _chunks.Add(new T[(_chunks.Count == 0 ? Math.Min(perChunk, missing) : perChunk) * Width]);
        }

        if (_chunks.Count == 1 && _chunks[0].Length < Math.Min(rows, perChunk) * Width)
        {
            var grown = new T[(int)Math.Min((long)perChunk * Width, Math.Max((long)rows * Width, 2L * _chunks[0].Length))];
            _chunks[0].AsSpan().CopyTo(grown);
            _chunks[0] = grown;
        }
        else if (_chunks.Count > 1 && _chunks[0].Length < perChunk * Width)
        {
            var grown = new T[perChunk * Width];
            _chunks[0].AsSpan().CopyTo(grown);
            _chunks[0] = grown;
        }
    }
}
