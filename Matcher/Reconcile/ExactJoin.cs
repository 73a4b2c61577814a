using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using Npgsql;

namespace CpfPipeline.Matcher.Reconcile;

/// <summary>Joins contents exactly with all members of a model, at one moment, and finds the pairs whose ends are in different components.</summary>
internal sealed record ExactJoin
{
    // What is missed beyond this many pairs at a time is found by joining again after these are repaired.
    private const int MostMissedPairs = 200_000;

    public required long Gallery { get; init; }

    public required long Pairs { get; init; }

    public required long MissedPairs { get; init; }

    /// <summary>The missed pairs; <see cref="MissedPairs"/> or fewer.</summary>
    public required IReadOnlyList<(long A, long B)> Missed { get; init; }

    /// <summary>The nearest neighbours of each content.</summary>
    public required IReadOnlyCollection<MatchRow> Nearest { get; init; }

    /// <summary>Whether every missed pair is listed.</summary>
    public bool IsComplete => Missed.Count == MissedPairs;

    /// <summary>Runs the join.</summary>
    /// <param name="connection">With a transaction at REPEATABLE READ: membership and embeddings are of one moment.</param>
    /// <param name="model">The model.</param>
    /// <param name="contents">Members to join, as of the same transaction.</param>
    /// <param name="options">What is kept for explanation.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static async Task<ExactJoin> RunAsync(
        NpgsqlConnection connection, ServingModel model, IReadOnlyList<GroupMember> contents, MatcherOptions options, CancellationToken cancellationToken)
    {
        var ids = contents.Select(m => m.ContentId).ToHashSet();
        var verdicts = new VerdictSet(await GroupStore.ReadVerdictsTouchingAsync(connection, ids, cancellationToken));
        var left = new EmbeddingMatrix(model.EmbeddingDim, contents.Count);
        await EmbeddingReader.ReadAsync(connection, model.HeadId, model.EmbeddingDim, ids, (id, _, embedding) => left.Add(id, embedding), cancellationToken);
        var componentOf = contents.ToDictionary(m => m.ContentId, m => m.ComponentId);
        var components = new long[left.Count];
        for (var row = 0; row < left.Count; row++)
        {
            components[row] = componentOf[left.ContentId(row)];
        }

        var nearest = new NearestNeighbours(left.Count, options.NearestKept, options.NearestFloor(model.Threshold));
        var join = new BlockJoin(left, model.Threshold, nearest);
        var (pairs, missedPairs, missed) = (0L, 0L, new List<(long, long)>());
        var gallery = await MemberStream.ReadAsync(
            connection, model,
            (block, blockComponents) => join.Accept(block, (row, other, _) =>
            {
                var (a, b) = (left.ContentId(row), block.ContentId(other));
                if (b < a && ids.Contains(b))
                {
                    return; // Reported from the other side, too.
                }

                pairs++;
                if (components[row] != blockComponents[other] && !verdicts.AreDifferent(a, b))
                {
                    missedPairs++;
                    if (missed.Count < MostMissedPairs)
                    {
                        missed.Add((a, b));
                    }
                }
            }, cancellationToken),
            cancellationToken);
        var kept = new HashSet<MatchRow>();
        KeptPairs.Add(kept, left, nearest);
        return new ExactJoin { Gallery = gallery, Pairs = pairs, MissedPairs = missedPairs, Missed = missed, Nearest = kept };
    }
}
