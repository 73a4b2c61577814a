using System.Diagnostics;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Hosting.Background;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Stores;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Reconcile;

/// <summary>
/// Repairs at start and from time to time, reconciles when there is nothing else to do or much has come in, and builds the index when it
/// pays.
/// </summary>
internal sealed class ReconcileLoop(
    NpgsqlDataSource dataSource, ModelStore models, Repair repair, Reconciler reconciler, MatcherActivity activity,
    IOptions<MatcherOptions> options, TimeProvider time, ILogger<ReconcileLoop> logger) : BackgroundLoop("reconcile", Pause, time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private long? _repairedAt;
    private long _indexedAt = time.GetTimestamp();

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        var idle = activity.IdleFor >= options.Value.ReconcileWhenIdleFor;
        if (_repairedAt is not { } at || (idle && Time.GetElapsedTime(at) >= options.Value.RepairEvery))
        {
            await repair.RunAsync(expected: false, cancellationToken);
            _repairedAt = Time.GetTimestamp();
        }

        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return;
        }

        long unreconciled;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            (unreconciled, _) = await MembershipStore.CountUnfinishedAsync(
                connection, model.ModelId, options.Value.ReconcileAtContents, cancellationToken);
        }

        if (unreconciled >= options.Value.ReconcileAtContents || (idle && unreconciled > 0))
        {
            await reconciler.RunAsync(cancellationToken);
        }

        if (IndexPace.IsDue(idle, Time.GetElapsedTime(_indexedAt)))
        {
            await IndexAsync(model, cancellationToken);
            _indexedAt = Time.GetTimestamp();
        }
    }

    private async Task IndexAsync(ServingModel model, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var indexed = await EmbeddingIndexStore.ExistsAsync(connection, model.HeadId, cancellationToken);
        var members = await MembershipStore.CountMembersAsync(connection, model.ModelId, cancellationToken);
        if (!IndexPace.Pays(indexed, members, options.Value.IndexAtContents))
        {
            return;
        }

        var needed = await EmbeddingIndexStore.ReadMegabytesAsync(connection, model.HeadId, cancellationToken);
        if (needed > options.Value.IndexMegabytes)
        {
            Log.IndexMemoryIsShort(Logger, model.HeadId, needed, options.Value.IndexMegabytes);
        }

        var started = Stopwatch.GetTimestamp();
        if (await EmbeddingIndexStore.CreateAsync(connection, model.HeadId, options.Value.IndexMegabytes, cancellationToken))
        {
            Log.Indexed(Logger, model.HeadId, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}
