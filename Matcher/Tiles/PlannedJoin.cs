using CpfPipeline.Matcher.Search;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>
/// A join that is planned: what its tiles have to know. Contents and verdicts are those of one moment, whoever computes a tile and
/// whenever.
/// </summary>
/// <param name="JoinId">Number.</param>
/// <param name="ModelId">The shadow model.</param>
/// <param name="HeadId">Its head.</param>
/// <param name="Dimension">Dimension of its embeddings.</param>
/// <param name="Rules">What is looked for.</param>
/// <param name="Plan">The tiles.</param>
/// <param name="Verdicts">Verdicts when it was planned. An end that was erased since is -1.</param>
internal sealed record PlannedJoin(
    long JoinId, long ModelId, long HeadId, int Dimension, JoinRules Rules, TilePlan Plan, VerdictSet Verdicts);
