using CpfPipeline.Contracts;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Tiles;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// The exact join of a whole catalogue by all Matchers together. It plans the tiles, sends them as they are taken, waits until all are
/// written, and unites their edges. The plan and what is done are in the database, so that another Matcher goes on where this one died.
/// </summary>
internal sealed class TiledJoin(
    NpgsqlDataSource dataSource, DispatchOutbox dispatch, IQueueLengths queues, IOptions<MatcherOptions> options, TimeProvider time,
    ILogger<TiledJoin> logger)
{
    private const int MessagesAtOnce = 2_000;
    private const uint MessagesReady = 500;

    // Reading the state of a large join takes a while. With so many rests for each look the database has a fifth of a processor of it.
    private const int RestsPerLook = 4;

    /// <summary>
    /// How long no tile is written and none waits in the queue before those that are missing are sent again, the first time (<see
    /// cref="TilePatience"/>).
    /// </summary>
    internal TimeSpan ResendAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Messages of a tile after which the join is given up.</summary>
    internal int MaxSends { get; init; } = 4;

    /// <summary>Between two looks at what is done, at least.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The join of a model that an earlier run has planned.</summary>
    public async Task<PlannedJoin?> FindAsync(long modelId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await JoinStore.FindAsync(connection, modelId, cancellationToken) is not { } join)
        {
            return null;
        }

        var state = await TileStore.ReadStateAsync(connection, join.JoinId, cancellationToken);
        Log.JoinResumed(logger, modelId, join.JoinId, state?.Done ?? 0, join.Plan.Tiles);
        return join;
    }

    /// <summary>Plans the join of contents with each other, as of now.</summary>
    /// <param name="model">The shadow model.</param>
    /// <param name="live">The live contents, as of a moment ago.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null when the model's groups are not wanted any more, or nothing is there.</returns>
    public async Task<PlannedJoin?> PlanAsync(
        ServingModel model, IReadOnlyCollection<long> live, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Keeps erasures out, which take their content out of the plans that they see.
        await connection.Sql(TransactionLocks.ShareMatches).Within(TransactionLocks.MaxWait).ExecuteAsync(cancellationToken);
        long[] known = [.. live];
        var gone = await JoinStore.ReadGoneAsync(connection, known, cancellationToken);
        long[] ids = [.. known.Where(id => !gone.Contains(id)).Order()];
        if (ids.Length == 0)
        {
            return null;
        }

        var verdicts = new VerdictSet(await VerdictStore.ReadAllAsync(connection, cancellationToken));
        var plan = TilePlan.For(ids.Length, options.Value.TileBlockContents, options.Value.TileRangeContents);
        var join = await JoinStore.AddAsync(
            connection, model, ids, verdicts, JoinRules.Of(options.Value, model.Threshold), plan, cancellationToken);
        if (join is not null)
        {
            await transaction.CommitAsync(cancellationToken);
            Log.JoinPlanned(logger, model.ModelId, ids.Length, plan.Tiles, join.JoinId);
        }

        return join;
    }

    /// <summary>Waits until every tile is written.</summary>
    /// <param name="join">The join.</param>
    /// <param name="progress">Receives how far it is.</param>
    /// <param name="cancellationToken">Cancels the wait. The tiles go on, unless the join is deleted.</param>
    /// <returns>False when the join is gone.</returns>
    /// <exception cref="InvalidDataException">A tile cannot be computed.</exception>
    public async Task<bool> AwaitAsync(PlannedJoin join, Action<JoinProgress> progress, CancellationToken cancellationToken)
    {
        var (startedAt, changedAt) = (time.GetTimestamp(), time.GetTimestamp());
        var (before, last, inVain) = ((int?)null, -1, 0);
        while (true)
        {
            var lookedAt = time.GetTimestamp();
            JoinState? state;
            await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
            {
                state = await TileStore.ReadStateAsync(connection, join.JoinId, cancellationToken);
            }

            if (state is null)
            {
                return false;
            }

            if (state.Fault is not null)
            {
                // The next try plans anew: what was to blame may be gone by then.
                await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
                await JoinStore.DeleteAsync(connection, join.ModelId, cancellationToken);
                throw new InvalidDataException(state.Fault);
            }

            var look = time.GetElapsedTime(lookedAt);
            before ??= state.Done;
            progress(JoinProgress.Of(state.Done, join.Plan.Tiles, state.Joiners, before.Value, time.GetElapsedTime(startedAt)));
            if (state.Done == join.Plan.Tiles)
            {
                return true;
            }

            if (state.Done != last)
            {
                (last, changedAt, inVain) = (state.Done, time.GetTimestamp(), 0);
            }

            if (state.Unsent > 0)
            {
                if (await ReadyAsync(cancellationToken) < MessagesReady && await SendAsync(join, cancellationToken))
                {
                    changedAt = time.GetTimestamp();
                }
            }
            else if (time.GetElapsedTime(changedAt) is var silence && silence >= TilePatience.After(ResendAfter, state.Median, inVain)
                && await ReadyAsync(cancellationToken) == 0 && await SendAgainAsync(join, silence, cancellationToken))
            {
                (changedAt, inVain) = (time.GetTimestamp(), inVain + 1);
            }

            await Task.Delay(RestsPerLook * look is var rest && rest > Pause ? rest : Pause, time, cancellationToken);
        }
    }

    /// <summary>Unites the edges of all tiles, which are written, and reads the embeddings.</summary>
    /// <returns>The contents that are still there, with their components by row.</returns>
    public async Task<(EmbeddingMatrix Contents, ConnectedComponents Components)> UniteAsync(
        PlannedJoin join, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var ids = await JoinStore.ReadIdsAsync(connection, join, 0, join.Plan.Blocks, cancellationToken);
        var united = new JoinedComponents(ids, join.Verdicts);
        await TileStore.ReadEdgesAsync(connection, join.JoinId, united.Unite, cancellationToken);

        // One that went and came back is an arrival.
        var returned = await JoinStore.ReadReturnedAsync(connection, join.JoinId, cancellationToken);
        var contents = new EmbeddingMatrix(join.Dimension, ids.Length);
        await EmbeddingReader.StreamHeadAsync(
            connection, join.HeadId, join.Dimension, (id, _, embedding) =>
            {
                if (united.Contains(id) && !returned.Contains(id))
                {
                    contents.Add(id, embedding);
                }
            }, cancellationToken);
        return (
            contents,
            await Task.Run(
                () => united.Of(contents, join.Rules.Threshold, HandoverThreads.Max, cancellationToken), cancellationToken));
    }

    private async Task<uint> ReadyAsync(CancellationToken cancellationToken) =>
        await queues.ReadQueueLengthAsync(Topology.JoinTileQueue, cancellationToken) ?? 0;

    /// <summary>Sends the next tiles, so many that neither the outbox nor the queue is filled with them.</summary>
    private async Task<bool> SendAsync(PlannedJoin join, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await TileStore.AreUnpublishedAsync(connection, cancellationToken))
        {
            return false; // The sweeper of any service publishes them when the broker is back.
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var tiles = await TileStore.TakeUnsentAsync(connection, join.JoinId, MessagesAtOnce, cancellationToken);
        await CommitAsync(connection, transaction, join, tiles, cancellationToken);
        return true;
    }

    /// <summary>
    /// Sends tiles again that were sent and are not written. Messages of one that fails, or that kills its process, end in the queue of
    /// failed messages: it would be sent for ever.
    /// </summary>
    private async Task<bool> SendAgainAsync(PlannedJoin join, TimeSpan silence, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await TileStore.AreUnpublishedAsync(connection, cancellationToken))
        {
            return false;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var open = await TileStore.TakeOpenAsync(connection, join.JoinId, MessagesAtOnce, cancellationToken);
        var hopeless = Array.Find(open, t => t.Sent > MaxSends);
        if (hopeless.Sent > 0)
        {
            await JoinStore.FailAsync(
                connection, join.JoinId,
                $"tile {hopeless.Tile} was sent {MaxSends} times and never written: see {Topology.JoinTileQueue}_error and "
                + $"{Topology.DeadLetterQueue}",
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }

        Log.TilesSentAgain(logger, join.JoinId, (long)silence.TotalSeconds, open.Length);
        await CommitAsync(connection, transaction, join, [.. open.Select(t => t.Tile)], cancellationToken);
        return true;
    }

    private async Task CommitAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, PlannedJoin join, int[] tiles, CancellationToken cancellationToken)
    {
        var outbox = await OutboxStore.AppendAsync(
            connection, [.. tiles.Select(tile => new JoinTile { JoinId = join.JoinId, Tile = tile })], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await dispatch(outbox, cancellationToken);
    }
}
