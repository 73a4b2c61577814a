using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matcher.Search;

/// <summary>What a search found around some contents.</summary>
internal sealed class SearchResult
{
    /// <summary>Position of the last group event known to the search. Members that came in later were not compared.</summary>
    public required long AsOfSeq { get; init; }

    /// <summary>The contents searched for that have embeddings.</summary>
    public required EmbeddingMatrix Searched { get; init; }

    /// <summary>Edges by similarity among them and members.</summary>
    public required EdgeForest Edges { get; init; }

    /// <summary>Verdicts that touch them, as respected by <see cref="Edges"/>.</summary>
    public required VerdictSet Verdicts { get; init; }

    /// <summary>Whether each was compared with every other and with every member. Then there is nothing left to reconcile.</summary>
    public bool IsExact { get; init; }

    /// <summary>
    /// Whether they were compared with each other only. That is enough for members, whose other edges are known, but not for arrivals.
    /// </summary>
    public bool IsAmongMembers { get; init; }

    /// <summary>The result of a search.</summary>
    public static SearchResult Of(FoundNeighbours found, long asOfSeq, bool isExact = false, bool isAmongMembers = false) => new()
    {
        AsOfSeq = asOfSeq, Searched = found.Contents, Edges = found.Edges, Verdicts = found.Verdicts, IsExact = isExact,
        IsAmongMembers = isAmongMembers,
    };

    /// <summary>The result when nothing was searched for.</summary>
    public static SearchResult Nothing(int dimension) =>
        new() { AsOfSeq = long.MaxValue, Searched = new EmbeddingMatrix(dimension), Edges = new EdgeForest(), Verdicts = VerdictSet.Empty };
}
