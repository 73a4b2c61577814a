using System.Diagnostics;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Reconcile;

/// <summary>Repairs at start and now and then; reconciles when there is nothing else to do or much has come in; builds the index when it pays.</summary>
internal sealed class ReconcileLoop(
    NpgsqlDataSource dataSource, ModelStore models, Repair repair, Reconciler reconciler, MatcherActivity activity, MatcherMetrics metrics,
    IOptions<MatcherOptions> options, TimeProvider time, ILogger<ReconcileLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private long? _repairedAt;
    private long _indexedAt = time.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        do
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                Log.BackgroundFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        var idle = activity.IdleFor >= options.Value.ReconcileWhenIdleFor;
        if (_repairedAt is not { } at || (idle && time.GetElapsedTime(at) >= options.Value.RepairEvery))
        {
            await repair.RunAsync(expected: false, cancellationToken);
            _repairedAt = time.GetTimestamp();
        }

        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return;
        }

        long unreconciled, pending;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            (unreconciled, pending) = await ReconcileStore.CountAsync(connection, model.ModelId, options.Value.ReconcileAtContents, cancellationToken);
        }

        metrics.Pending(pending);
        if (unreconciled >= options.Value.ReconcileAtContents || (idle && unreconciled > 0))
        {
            await reconciler.RunAsync(cancellationToken);
        }

        if (IndexPace.IsDue(idle, time.GetElapsedTime(_indexedAt)))
        {
            await IndexAsync(model, cancellationToken);
            _indexedAt = time.GetTimestamp();
        }
    }

    private async Task IndexAsync(ServingModel model, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (indexed, members) = await ReconcileStore.ReadIndexStateAsync(connection, model.HeadId, model.ModelId, cancellationToken);
        if (IndexPace.Pays(indexed, members, options.Value.IndexAtContents))
        {
            var started = Stopwatch.GetTimestamp();
            if (await ReconcileStore.CreateIndexAsync(connection, model.HeadId, cancellationToken))
            {
                Log.Indexed(logger, model.HeadId, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }
    }
}
