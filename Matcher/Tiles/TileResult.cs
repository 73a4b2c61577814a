using System.Buffers.Binary;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>What a tile found.</summary>
/// <param name="Edges">
/// A spanning forest of its edges, as pairs of positions with the smaller one first: fewer than the tile has contents, however many edges
/// there are. The components of all tiles' forests together are those of all edges.
/// </param>
/// <param name="Kept">The neighbours of its left side to keep for explanation, of those on its right side.</param>
internal sealed record TileResult(IReadOnlyList<(long A, long B)> Edges, TileNeighbours Kept)
{
    private const int BytesPerEdge = 8;

    /// <summary>The edges as they are stored.</summary>
    public byte[] EdgeBytes()
    {
        var bytes = new byte[BytesPerEdge * Edges.Count];
        for (var i = 0; i < Edges.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(BytesPerEdge * i), checked((int)Edges[i].A));
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((BytesPerEdge * i) + 4), checked((int)Edges[i].B));
        }

        return bytes;
    }

    /// <summary>Reads stored edges.</summary>
    public static IEnumerable<(int A, int B)> ReadEdges(byte[] bytes)
    {
        for (var i = 0; i < bytes.Length; i += BytesPerEdge)
        {
            yield return (
                BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i)), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i + 4)));
        }
    }
}
