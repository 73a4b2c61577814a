using CpfPipeline.Data.Embeddings;
using CpfPipeline.Matching.Embeddings;
using Npgsql;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>Reads what tiles compare, and keeps the last range, because the next tile usually has the same. One reader at a time.</summary>
internal sealed class RangeCache(NpgsqlDataSource dataSource)
{
    private Side? _range;
    private (long JoinId, int Range) _key;

    /// <summary>Reads both sides of a tile. Contents that were erased since the join was planned are missing.</summary>
    /// <exception cref="ArgumentException">An embedding is impossible; see <see cref="EmbeddingMatrix.Add"/>.</exception>
    public async Task<TileInput> ReadAsync(PlannedJoin join, int tile, CancellationToken cancellationToken)
    {
        var (block, range) = join.Plan.Tile(tile);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (_range is null || _key != (join.JoinId, range))
        {
            _range = null; // Not two at a time.
            var (first, count) = join.Plan.BlocksOf(range);
            (_range, _key) = (await ReadSideAsync(connection, join, first, count, cancellationToken), (join.JoinId, range));
        }

        var right = _range;
        var (leftFirst, leftCount) = join.Plan.PositionsOf(block, 1);
        var left = leftFirst >= right.First && leftFirst < right.First + right.Ids.Length
            ? right.Part(leftFirst, leftCount)
            : await ReadSideAsync(connection, join, block, 1, cancellationToken);
        return new TileInput(
            left.Positioned(), right.Positioned(), right.Ids,
            TileInput.DifferentBetween(join.Verdicts.Different, left.Positions, right.Positions));
    }

    /// <summary>Frees the memory.</summary>
    public void Clear() => _range = null;

    private static async Task<Side> ReadSideAsync(
        NpgsqlConnection connection, PlannedJoin join, int firstBlock, int blocks, CancellationToken cancellationToken)
    {
        var ids = await JoinStore.ReadIdsAsync(connection, join, firstBlock, blocks, cancellationToken);
        var side = new Side(join.Plan.PositionsOf(firstBlock, blocks).First, ids, new EmbeddingMatrix(join.Dimension, ids.Length));
        if (side.Positions.Count > 0)
        {
            await EmbeddingReader.StreamBetweenAsync(
                connection, join.HeadId, side.Positions.Keys.Min(), side.Positions.Keys.Max(), join.Dimension,
                (id, _, embedding) => side.Add(id, embedding), cancellationToken);
        }

        return side;
    }

    private sealed class Side
    {
        private readonly EmbeddingMatrix _rows;
        private readonly int[] _rowOf;

        public Side(int first, long[] ids, EmbeddingMatrix rows)
        {
            (First, Ids, _rows) = (first, ids, rows);
            _rowOf = new int[ids.Length];
            Array.Fill(_rowOf, -1);
            Positions = new Dictionary<long, int>(ids.Length);
            for (var i = 0; i < ids.Length; i++)
            {
                if (ids[i] >= 0)
                {
                    Positions.Add(ids[i], first + i);
                }
            }
        }

        public int First { get; }

        public long[] Ids { get; }

        public Dictionary<long, int> Positions { get; }

        public PositionedRows Positioned() => new(First, Ids.Length, _rows);

        public void Add(long contentId, ReadOnlySpan<Half> embedding)
        {
            if (Positions.TryGetValue(contentId, out var position))
            {
                Add(position, contentId, embedding);
            }
        }

        public Side Part(int first, int count)
        {
            var part = new Side(first, Ids[(first - First)..(first - First + count)], new EmbeddingMatrix(_rows.Dimension, count));
            for (var position = first; position < first + count; position++)
            {
                if (_rowOf[position - First] is var row and >= 0)
                {
                    part.Add(position, Ids[position - First], _rows.Row(row));
                }
            }

            return part;
        }

        private void Add(int position, long contentId, ReadOnlySpan<Half> embedding)
        {
            try
            {
                _rowOf[position - First] = _rows.Add(position, embedding);
            }
            catch (ArgumentException)
            {
                // Again under its own id, so that the message names the content.
                new EmbeddingMatrix(_rows.Dimension, 1).Add(contentId, embedding);
                throw;
            }
        }
    }
}
