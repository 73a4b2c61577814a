using System.Data;
using System.Diagnostics;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Stores;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Reconcile;

/// <summary>
/// Makes the groups exact: joins what came since the last reconcile with all members and unites what the online search had left apart. One
/// process at a time reconciles. A second caller waits and then finds little left to do. When it is stopped, what is committed stays
/// consistent and the next reconcile continues.
/// </summary>
internal sealed class Reconciler(
    NpgsqlDataSource dataSource, ModelStore models, GroupUpdater updater, IOptions<MatcherOptions> options, MatcherMetrics metrics,
    TimeProvider time,
    ILogger<Reconciler> logger)
{
    private static readonly TimeSpan WaitToTell = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Missed pairs listed by one join. When there are more, these are repaired first and the same contents are joined again.
    /// </summary>
    internal int MaxMissedPairs { get; init; } = 200_000;

    /// <summary>Reconciles everything that is not reconciled yet. Null: there is no active model.</summary>
    public async Task<ReconcileOutcome?> RunAsync(CancellationToken cancellationToken)
    {
        await using var held = await KeptLock.TakeAsync(
            dataSource, "cpf.reconcile", time, WaitToTell, waited => Log.WaitsForReconcile(logger, (long)waited.TotalSeconds),
            cancellationToken);
        var (started, startedAt) = (Stopwatch.GetTimestamp(), time.GetUtcNow());
        var (contents, gallery, pairs, missed) = (0L, 0L, 0L, 0L);
        var joined = new HashSet<long>();
        ServingModel? model = null;
        while (true)
        {
            var active = await models.GetActiveAsync(cancellationToken);
            if (active is null)
            {
                return null;
            }

            if (model?.ModelId != active.ModelId)
            {
                (model, contents, gallery, pairs, missed) = (active, 0, 0, 0, 0);
                joined.Clear();
            }

            if (await JoinChunkAsync(model, joined, cancellationToken) is not var (reconciled, join))
            {
                break;
            }

            (contents, gallery, pairs, missed) = (contents + reconciled, join.Gallery, pairs + join.Pairs, missed + join.MissedPairs);
        }

        var recall = pairs == 0 ? 1 : 1 - ((double)missed / pairs);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (contents > 0)
        {
            await ReconcileStore.AddAsync(
                connection, new ReconcileRow(model.ModelId, startedAt, time.GetUtcNow(), contents, gallery, pairs, missed, recall),
                cancellationToken);
            metrics.Reconciled(missed, Stopwatch.GetElapsedTime(started));
            Log.Reconciled(logger, contents, gallery, pairs, missed, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        var (_, pending) = await MembershipStore.CountUnfinishedAsync(connection, model.ModelId, 1, cancellationToken);
        return new ReconcileOutcome(contents, gallery, pairs, missed, recall, pending);
    }

    private async Task<(int Reconciled, ExactJoin Join)?> JoinChunkAsync(
        ServingModel model, HashSet<long> joined, CancellationToken cancellationToken)
    {
        List<GroupMember> contents;
        ExactJoin join;
        long asOfSeq;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken))
        {
            contents = await ReconcileStore.ReadUnreconciledAsync(
                connection, model.ModelId, options.Value.ChunkContents, cancellationToken);
            if (contents.Count == 0)
            {
                return null;
            }

            asOfSeq = await GroupStore.LastSeqAsync(connection, cancellationToken);
            join = await ExactJoin.RunAsync(connection, model, contents, options.Value, joined, MaxMissedPairs, cancellationToken);
        }

        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            // Explanations are written before the contents are marked, so that a crash in between only writes them again.
            await MatchStore.AddAsync(connection, model.HeadId, join.Kept, cancellationToken);
        }

        // Each pair is checked again under the lock. A content that joins in the meantime is not reconciled yet and will be compared with
        // these contents in its own turn. A component that comes apart in the meantime is recomputed from its members.
        long[] ids = [.. contents.Select(m => m.ContentId)];
        IReadOnlyCollection<long> reconciled = join.IsComplete ? ids : [];
        await updater.UniteAsync(model, join.Missed, reconciled, asOfSeq, cancellationToken);
        joined.UnionWith(ids);
        return (reconciled.Count, join);
    }
}
