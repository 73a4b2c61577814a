using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matcher.Search;

/// <summary>What a search found around some contents.</summary>
internal sealed class SearchResult
{
    /// <summary>Position of the last group event known to the search: members that joined later were not compared.</summary>
    public required long AsOfSeq { get; init; }

    /// <summary>The contents searched for that have embeddings.</summary>
    public required EmbeddingMatrix Searched { get; init; }

    /// <summary>Edges by similarity among them and members.</summary>
    public required EdgeForest Edges { get; init; }

    /// <summary>Verdicts that touch them, as respected by <see cref="Edges"/>.</summary>
    public required VerdictSet Verdicts { get; init; }

    /// <summary>Whether each of them was compared with every other and every member, and its nearest were kept: then there is nothing left to reconcile.</summary>
    public bool IsExact { get; init; }

    /// <summary>Whether they were compared with each other only: enough for members, whose other edges are known, and not for arrivals.</summary>
    public bool IsAmongMembers { get; init; }

    public static SearchResult Nothing(int dimension) =>
        new() { AsOfSeq = long.MaxValue, Searched = new EmbeddingMatrix(dimension), Edges = new EdgeForest(), Verdicts = VerdictSet.Empty };
}
