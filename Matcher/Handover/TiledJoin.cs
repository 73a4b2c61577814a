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
/// The exact join of a whole catalogue by all Matchers together. It plans the tiles, sends them, waits until all are written, and unites
/// their edges. The plan and what is done are in the database, so that another Matcher goes on where this one died.
/// </summary>
internal sealed class TiledJoin(
    NpgsqlDataSource dataSource, DispatchOutbox dispatch, IQueueLengths queues, IOptions<MatcherOptions> options, TimeProvider time,
    ILogger<TiledJoin> logger)
{
    private const int MessagesPerStatement = 10_000;
    private const int PatienceInTiles = 3;
    /// <summary>
    /// How long no tile is written and none waits in the queue before those that are missing are sent again; three times the longest tile
    /// when that is more.
    /// </summary>
    internal TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two looks at what is done.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(200);

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

    /// <summary>Plans the join of all live contents and sends its tiles.</summary>
    /// <param name="model">The shadow model.</param>
    /// <param name="verdicts">All verdicts, as of any moment: whoever writes the groups marks what changed since.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null when the model's groups are not wanted any more, or nothing is live.</returns>
    public async Task<PlannedJoin?> PlanAsync(ServingModel model, VerdictSet verdicts, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Keeps erasures out, which take their content out of the plans that they see.
        await connection.Sql(TransactionLocks.ShareMatches).Within(TransactionLocks.MaxWait).ExecuteAsync(cancellationToken);
        long[] ids = [.. (await MembershipStore.ReadLiveAsync(connection, model.HeadId, cancellationToken)).Order()];
        if (ids.Length == 0)
        {
            return null;
        }

        var plan = TilePlan.For(ids.Length, options.Value.TileBlockContents, options.Value.TileRangeContents);
        if (await JoinStore.AddAsync(
            connection, model, ids, verdicts, JoinRules.Of(options.Value, model.Threshold), plan, cancellationToken) is not { } join)
        {
            return null;
        }

        var outbox = await AppendAsync(connection, join, Enumerable.Range(0, plan.Tiles), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Log.JoinPlanned(logger, model.ModelId, ids.Length, plan.Tiles, join.JoinId);
        await dispatch(outbox, cancellationToken);
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
        var (before, last) = ((int?)null, -1);
        while (true)
        {
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
                throw new InvalidDataException(state.Fault);
            }

            before ??= state.Done;
            progress(JoinProgress.Of(state.Done, join.Plan.Tiles, state.Joiners, before.Value, time.GetElapsedTime(startedAt)));
            if (state.Done == join.Plan.Tiles)
            {
                return true;
            }

            var patience = PatienceInTiles * state.Slowest is var slow && slow > ResendAfter ? slow : ResendAfter;
            if (state.Done != last)
            {
                (last, changedAt) = (state.Done, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(changedAt) is var silence && silence >= patience
                && await queues.ReadQueueLengthAsync(Topology.JoinTileQueue, cancellationToken) is null or 0)
            {
                await SendAgainAsync(join, silence, cancellationToken);
                changedAt = time.GetTimestamp();
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Unites the edges of all tiles, which are written, and reads the embeddings.</summary>
    /// <returns>
    /// The contents with their components by row. Whatever is connected with a content that was erased since the join was planned is left
    /// out: it may come apart, and comes in as an arrival.
    /// </returns>
    public async Task<(EmbeddingMatrix Contents, ConnectedComponents Components)> UniteAsync(
        PlannedJoin join, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var ids = await JoinStore.ReadIdsAsync(connection, join, 0, join.Plan.Blocks, cancellationToken);
        var united = new JoinedComponents(ids, join.Verdicts);
        await TileStore.ReadEdgesAsync(connection, join.JoinId, united.Unite, cancellationToken);
        var contents = new EmbeddingMatrix(join.Dimension, ids.Length);
        await EmbeddingReader.StreamHeadAsync(
            connection, join.HeadId, join.Dimension, (id, _, embedding) =>
            {
                if (united.Contains(id))
                {
                    contents.Add(id, embedding);
                }
            }, cancellationToken);
        return united.Of(contents);
    }

    private async Task SendAgainAsync(PlannedJoin join, TimeSpan silence, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var open = await TileStore.ReadOpenAsync(connection, join.JoinId, cancellationToken);
        Log.TilesSentAgain(logger, join.JoinId, (long)silence.TotalSeconds, open.Count);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var outbox = await AppendAsync(connection, join, open, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await dispatch(outbox, cancellationToken);
    }

    private static async Task<IReadOnlyList<OutboxMessage>> AppendAsync(
        NpgsqlConnection connection, PlannedJoin join, IEnumerable<int> tiles, CancellationToken cancellationToken)
    {
        var outbox = new List<OutboxMessage>();
        foreach (var chunk in tiles.Chunk(MessagesPerStatement))
        {
            outbox.AddRange(await OutboxStore.AppendAsync(
                connection, [.. chunk.Select(tile => new JoinTile { JoinId = join.JoinId, Tile = tile })], cancellationToken));
        }

        return outbox;
    }
}
