using System.Data;
using System.Diagnostics;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Grouping;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Reconcile;

/// <summary>
/// Makes the groups exact: joins what came since the last time with all members, unites what the online search had left apart. One at a time
/// over all processes; a second caller waits, and then finds little left to do. Stopped at any moment it leaves a consistent state and
/// goes on from there.
/// </summary>
internal sealed class Reconciler(
    NpgsqlDataSource dataSource, ModelStore models, GroupUpdater updater, IOptions<MatcherOptions> options, MatcherMetrics metrics, TimeProvider time,
    ILogger<Reconciler> logger)
{
    private static readonly TimeSpan WaitToTell = TimeSpan.FromSeconds(30);

    /// <summary>Reconciles all that is not yet. Null: there is no active model.</summary>
    public async Task<ReconcileOutcome?> RunAsync(CancellationToken cancellationToken)
    {
        await using var held = await KeptLock.TakeAsync(
            dataSource, "cpf.reconcile", time, WaitToTell, waited => Log.WaitsForReconcile(logger, (long)waited.TotalSeconds), cancellationToken);
        var (started, startedAt) = (Stopwatch.GetTimestamp(), time.GetUtcNow());
        var (contents, gallery, pairs, missed) = (0L, 0L, 0L, 0L);
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
            }

            if (await JoinChunkAsync(model, cancellationToken) is not { } chunk)
            {
                break;
            }

            (contents, gallery, pairs, missed) = (contents + chunk.Contents, chunk.Join.Gallery, pairs + chunk.Join.Pairs, missed + chunk.Join.MissedPairs);
        }

        var recall = pairs == 0 ? 1 : 1 - ((double)missed / pairs);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (contents > 0)
        {
            await ReconcileStore.AddAsync(
                connection, new ReconcileRow(model.ModelId, startedAt, time.GetUtcNow(), contents, gallery, pairs, missed, recall), cancellationToken);
            metrics.Reconciled(missed, recall, Stopwatch.GetElapsedTime(started));
            Log.Reconciled(logger, contents, gallery, pairs, missed, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        var (_, pending) = await ReconcileStore.CountAsync(connection, model.ModelId, 1, cancellationToken);
        return new ReconcileOutcome(contents, gallery, pairs, missed, recall, pending);
    }

    private async Task<(int Contents, ExactJoin Join)?> JoinChunkAsync(ServingModel model, CancellationToken cancellationToken)
    {
        List<GroupMember> contents;
        ExactJoin join;
        long asOfSeq;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken))
        {
            contents = await ReconcileStore.ReadUnreconciledAsync(connection, model.ModelId, options.Value.ChunkContents, cancellationToken);
            if (contents.Count == 0)
            {
                return null;
            }

            asOfSeq = await GroupStore.LastSeqAsync(connection, cancellationToken);
            join = await ExactJoin.RunAsync(connection, model, contents, options.Value, cancellationToken);
        }

        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            // Explanations only, so they need no place in the transaction that repairs.
            await MatchStore.AddAsync(connection, model.HeadId, [.. join.Nearest], cancellationToken);
        }

        // Each pair is checked again under the lock. What joins meanwhile is not reconciled yet and will be compared with these in its turn;
        // what falls apart meanwhile is computed afresh from its members.
        IReadOnlyCollection<long> reconciled = join.IsComplete ? [.. contents.Select(m => m.ContentId)] : [];
        await updater.UniteAsync(model, join.Missed, reconciled, asOfSeq, cancellationToken);
        return (reconciled.Count, join);
    }
}
