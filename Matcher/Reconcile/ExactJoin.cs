using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using Npgsql;

namespace CpfPipeline.Matcher.Reconcile;

/// <summary>
/// An exact join of contents with all members of a model as of one moment. It finds the pairs whose ends are in different components.
/// </summary>
internal sealed record ExactJoin
{
    /// <summary>Members that the contents were joined with.</summary>
    public required long Gallery { get; init; }

    /// <summary>Pairs at or above the threshold that no earlier join of the same reconcile has seen.</summary>
    public required long Pairs { get; init; }

    /// <summary>Of <see cref="Pairs"/>, those whose ends are in different components without the verdict <c>different</c>.</summary>
    public required long MissedPairs { get; init; }

    /// <summary>Pairs to repair, whether an earlier join has seen them or not.</summary>
    public required IReadOnlyList<(long A, long B)> Missed { get; init; }

    /// <summary>
    /// Whether <see cref="Missed"/> lists every pair to repair. Otherwise the same contents have to be joined again after these are
    /// repaired.
    /// </summary>
    public required bool IsComplete { get; init; }

    /// <summary>The pairs to keep for explanation.</summary>
    public required IReadOnlyCollection<MatchRow> Kept { get; init; }

    /// <summary>Runs the join.</summary>
    /// <param name="connection">With a transaction at REPEATABLE READ: membership and embeddings are of one moment.</param>
    /// <param name="model">The model.</param>
    /// <param name="contents">Members to join, as of the same transaction.</param>
    /// <param name="options">What is kept for explanation.</param>
    /// <param name="joinedBefore">Contents that the same reconcile has joined before; their pairs are counted already.</param>
    /// <param name="maxMissedPairs">Missed pairs to list at most; this bounds memory.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static async Task<ExactJoin> RunAsync(
        NpgsqlConnection connection, ServingModel model, IReadOnlyList<GroupMember> contents, MatcherOptions options,
        IReadOnlySet<long> joinedBefore, int maxMissedPairs, CancellationToken cancellationToken)
    {
        var ids = contents.Select(m => m.ContentId).ToHashSet();
        var verdicts = new VerdictSet(await VerdictStore.ReadTouchingAsync(connection, ids, cancellationToken));
        var left = new EmbeddingMatrix(model.EmbeddingDim, contents.Count);
        await EmbeddingReader.ReadAsync(
            connection, model.HeadId, model.EmbeddingDim, ids, (id, _, embedding) => left.Add(id, embedding), cancellationToken);
        var componentOf = contents.ToDictionary(m => m.ContentId, m => m.ComponentId);
        var components = new long[left.Count];
        for (var row = 0; row < left.Count; row++)
        {
            components[row] = componentOf[left.ContentId(row)];
        }

        var kept = new KeptPairs(left, options, model.Threshold);
        var join = kept.NewJoin();
        var (pairs, missedPairs, missed, isComplete) = (0L, 0L, new List<(long, long)>(), true);
        var gallery = await MemberStream.ReadAsync(
            connection, model,
            (block, blockComponents) => join.Accept(block, (row, other, _) =>
            {
                var (a, b) = (left.ContentId(row), block.ContentId(other));
                if (b < a && ids.Contains(b))
                {
                    return; // The join reports it from the other side, too.
                }

                var isMissed = components[row] != blockComponents[other] && !verdicts.AreDifferent(a, b);
                if (!joinedBefore.Contains(a) && !joinedBefore.Contains(b))
                {
                    pairs++;
                    missedPairs += isMissed ? 1 : 0;
                }

                if (isMissed && missed.Count < maxMissedPairs)
                {
                    missed.Add((a, b));
                }
                else if (isMissed)
                {
                    isComplete = false;
                }
            }, cancellationToken),
            cancellationToken);
        return new ExactJoin
        {
            Gallery = gallery, Pairs = pairs, MissedPairs = missedPairs, Missed = missed, IsComplete = isComplete, Kept = kept.ToRows(),
        };
    }
}
