using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>
/// The pairs kept for explanation around the contents of a block, by the rule of <c>KeptPairs</c>: some pairs at or above the threshold and
/// the nearest contents. Those that several tiles found are merged by offering them all: the best of the best are the best of all.
/// </summary>
internal sealed class TileNeighbours
{
    private readonly int[] _positions;
    private readonly JoinRules _rules;
    private readonly NearestNeighbours _nearest;
    private readonly NearestNeighbours _matches;

    /// <param name="positions">The contents' positions, in any order.</param>
    /// <param name="rules">What is kept.</param>
    public TileNeighbours(long[] positions, JoinRules rules)
    {
        _positions = Array.ConvertAll(positions, position => checked((int)position));
        _rules = rules;
        _nearest = new NearestNeighbours(positions.Length, rules.NearestKept, rules.NearestFloor);
        _matches = new NearestNeighbours(positions.Length, rules.PairsKept, rules.Threshold);
    }

    /// <summary>An exact join of these contents that fills this collection.</summary>
    public BlockJoin NewJoin(EmbeddingMatrix left, PrefilterFactory newPrefilter, int maxThreads) =>
        new(left, _rules.Threshold, _nearest, rows => newPrefilter(rows, maxThreads), _matches);

    /// <summary>As it is stored.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            foreach (var list in new[] { _nearest, _matches })
            {
                for (var row = 0; row < _positions.Length; row++)
                {
                    var neighbours = list.Of(row);
                    writer.Write(_positions[row]);
                    writer.Write(neighbours.Length);
                    foreach (var neighbour in neighbours)
                    {
                        writer.Write((int)neighbour.ContentId);
                        writer.Write(neighbour.Similarity);
                    }
                }

                writer.Write(-1);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Takes in what another tile found around these contents. Contents that are not among these are left out.</summary>
    public void Absorb(byte[] stored)
    {
        var rows = new Dictionary<int, int>(_positions.Length);
        for (var row = 0; row < _positions.Length; row++)
        {
            rows.Add(_positions[row], row);
        }

        using var reader = new BinaryReader(new MemoryStream(stored));
        foreach (var list in new[] { _nearest, _matches })
        {
            for (var position = reader.ReadInt32(); position >= 0; position = reader.ReadInt32())
            {
                for (var left = reader.ReadInt32(); left > 0; left--)
                {
                    var (other, similarity) = (reader.ReadInt32(), reader.ReadDouble());
                    if (rows.TryGetValue(position, out var row))
                    {
                        list.Offer(row, other, similarity);
                    }
                }
            }
        }
    }

    /// <summary>The pairs, each once.</summary>
    /// <param name="contentId">The content at a position; negative when it was erased.</param>
    public HashSet<MatchRow> ToRows(Func<int, long> contentId)
    {
        var pairs = new HashSet<MatchRow>();
        foreach (var list in new[] { _matches, _nearest })
        {
            for (var row = 0; row < _positions.Length; row++)
            {
                var own = contentId(_positions[row]);
                foreach (var neighbour in list.Of(row))
                {
                    var other = contentId((int)neighbour.ContentId);
                    if (own >= 0 && other >= 0)
                    {
                        pairs.Add(new MatchRow(Math.Min(own, other), Math.Max(own, other), neighbour.Similarity));
                    }
                }
            }
        }

        return pairs;
    }

    /// <summary>Every position named: the contents' own, and their neighbours'.</summary>
    public SortedSet<int> Positions()
    {
        var all = new SortedSet<int>(_positions);
        foreach (var list in new[] { _matches, _nearest })
        {
            for (var row = 0; row < _positions.Length; row++)
            {
                foreach (var neighbour in list.Of(row))
                {
                    all.Add((int)neighbour.ContentId);
                }
            }
        }

        return all;
    }
}
