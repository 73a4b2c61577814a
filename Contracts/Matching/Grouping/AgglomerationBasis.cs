using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matching.Grouping;

/// <summary>What a result was computed from: whether its merges say anything about another set of contents.</summary>
/// <param name="Members">The contents.</param>
/// <param name="Tau">The threshold.</param>
/// <param name="Same">The verdicts <c>same</c> between members, the smaller content id first.</param>
/// <param name="Different">The verdicts <c>different</c> between members, the smaller content id first.</param>
internal sealed record AgglomerationBasis(
    EmbeddingMatrix Members, double Tau, IReadOnlySet<(long A, long B)> Same, IReadOnlySet<(long A, long B)> Different)
{
    /// <summary>Whether only members differ: some have come, some have gone, some have another embedding.</summary>
    public bool DiffersInMembersOnly(AgglomerationBasis other) =>
        Tau.Equals(other.Tau) && Members.Dimension == other.Members.Dimension && Same.SetEquals(other.Same)
        && Different.SetEquals(other.Different);
}
