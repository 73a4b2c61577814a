using CpfPipeline.Data.Matching;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Search;

/// <summary>Neighbours as pairs to be kept for explanation.</summary>
internal static class KeptPairs
{
    /// <summary>Adds the neighbours of all rows, each pair once whoever found it.</summary>
    /// <param name="pairs">Receives them.</param>
    /// <param name="contents">Whose neighbours they are, row by row.</param>
    /// <param name="neighbours">Their neighbours.</param>
    public static void Add(HashSet<MatchRow> pairs, EmbeddingMatrix contents, NearestNeighbours neighbours)
    {
        for (var row = 0; row < contents.Count; row++)
        {
            var contentId = contents.ContentId(row);
            foreach (var neighbour in neighbours.Of(row))
            {
                pairs.Add(new MatchRow(Math.Min(contentId, neighbour.ContentId), Math.Max(contentId, neighbour.ContentId), neighbour.Similarity));
            }
        }
    }
}
