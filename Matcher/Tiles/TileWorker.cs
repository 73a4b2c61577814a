using System.Globalization;
using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Background;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Joins;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>
/// Computes tiles as their messages come. One is computed at a time; meanwhile the one before is written. A tile is written once: what
/// comes late or twice, or from a process that was believed dead, changes nothing.
/// </summary>
internal sealed class TileWorker : IDisposable
{
    // The range of the last tile is kept for so long: a join's next tile comes at once.
    private static readonly TimeSpan KeepRange = TimeSpan.FromMinutes(1);
    private static readonly string Joiner =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    private readonly NpgsqlDataSource _dataSource;
    private readonly PrefilterFactory _newPrefilter;
    private readonly MatcherMetrics _metrics;
    private readonly MatcherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<TileWorker> _logger;
    private readonly RangeCache _ranges;
    private readonly SemaphoreSlim _computing = new(1);
    private readonly ITimer _idle;

    /// <param name="dataSource">The process's data source.</param>
    /// <param name="newPrefilter">How candidates are found. The result is the same with each.</param>
    /// <param name="metrics">What is counted.</param>
    /// <param name="options">The Matcher's options.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public TileWorker(
        NpgsqlDataSource dataSource, PrefilterFactory newPrefilter, MatcherMetrics metrics, IOptions<MatcherOptions> options,
        TimeProvider time, ILogger<TileWorker> logger)
    {
        (_dataSource, _newPrefilter, _metrics, _options, _time, _logger) = (
            dataSource, newPrefilter, metrics, options.Value, time, logger);
        _ranges = new RangeCache(dataSource);
        _idle = time.CreateTimer(_ => Forget(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _idle.Dispose();
        _computing.Dispose();
    }

    /// <summary>Computes and writes a tile, unless it is done or not wanted any more.</summary>
    /// <returns>Whether this call wrote it.</returns>
    public async Task<bool> RunAsync(JoinTile message, CancellationToken cancellationToken)
    {
        PlannedJoin? join;
        IReadOnlyList<long> rightIds;
        TileResult result;
        TimeSpan took;
        await _computing.WaitAsync(cancellationToken);
        try
        {
            join = await FindAsync(message, cancellationToken);
            if (join is null)
            {
                return false;
            }

            var joinId = join.JoinId;
            await using var work = new WantedWork(token => IsWantedAsync(joinId, token), _time, cancellationToken);
            try
            {
                var started = _time.GetTimestamp();
                var input = await _ranges.ReadAsync(join, message.Tile, work.Stop);
                rightIds = input.RightIds; // All that is needed afterwards: the next tile may read another range.
                result = await Task.Run(
                    () => TileJoin.Run(
                        join.Rules, input.Left, input.Right, input.Different, _newPrefilter, _options.ThreadsPerTile, work.Stop),
                    work.Stop);
                took = _time.GetElapsedTime(started);
            }
            catch (OperationCanceledException) when (work.IsUnwanted)
            {
                return false;
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            // An embedding is impossible. No process can compute this join, and whoever waits for it is to know why.
            Log.UnfitTile(_logger, e, message.JoinId, message.Tile);
            await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
            await JoinStore.FailAsync(connection, message.JoinId, e.Message, cancellationToken);
            return false;
        }
        finally
        {
            _computing.Release();
            _idle.Change(KeepRange, Timeout.InfiniteTimeSpan);
        }

        var written = await WriteAsync(join, message.Tile, rightIds, result, took, cancellationToken);
        if (written)
        {
            _metrics.Tile(took);
            Log.TileWritten(_logger, join.JoinId, message.Tile, join.Plan.Tiles, result.Edges.Count, (long)took.TotalMilliseconds);
        }

        return written;
    }

    private async Task<bool> IsWantedAsync(long joinId, CancellationToken cancellationToken)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
        return await JoinStore.IsWantedAsync(connection, joinId, cancellationToken);
    }

    private async Task<PlannedJoin?> FindAsync(JoinTile message, CancellationToken cancellationToken)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
        return await TileStore.IsOpenAsync(connection, message.JoinId, message.Tile, cancellationToken)
            ? await JoinStore.ReadAsync(connection, message.JoinId, cancellationToken)
            : null;
    }

    /// <summary>
    /// Writes the pairs to keep first, a chunk at a time as always, then what the tile found with its done mark in one transaction. When a
    /// process dies in between, the tile is computed again and finds its pairs there.
    /// </summary>
    private async Task<bool> WriteAsync(
        PlannedJoin join, int tile, IReadOnlyList<long> rightIds, TileResult result, TimeSpan took, CancellationToken cancellationToken)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
        if (join.Plan.Ranges == 1)
        {
            // Another may have written it meanwhile. When the join is gone, the pairs of its head may have been deleted for good.
            if (!await TileStore.IsOpenAsync(connection, join.JoinId, tile, cancellationToken))
            {
                return false;
            }

            await MatchStore.AddAsync(
                connection, join.HeadId, result.Kept.ToRows(position => rightIds[position]), cancellationToken);
        }
        else if (await KeepAsync(connection, join, tile, result, took, cancellationToken) is var written and not null)
        {
            return written.Value;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (join.Plan.Ranges > 1)
        {
            // Before the tile, as in KeepAsync and when a join is deleted: in another order these would wait for each other.
            await JoinStore.LockBlockAsync(connection, join.JoinId, join.Plan.Tile(tile).Block, cancellationToken);
        }

        if (!await TileStore.WriteAsync(connection, join.JoinId, tile, Joiner, took, result.EdgeBytes(), cancellationToken))
        {
            return false;
        }

        if (join.Plan.Ranges > 1)
        {
            await JoinStore.WriteKeptAsync(connection, join.JoinId, join.Plan.Tile(tile).Block, null, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// A tile that is not the last of its block adds what it found to what the others did, and is written. The last one writes the pairs.
    /// </summary>
    /// <returns>Whether the tile was written now; null: it is the last one, and not written yet.</returns>
    private static async Task<bool?> KeepAsync(
        NpgsqlConnection connection, PlannedJoin join, int tile, TileResult result, TimeSpan took, CancellationToken cancellationToken)
    {
        var (block, _) = join.Plan.Tile(tile);
        var (first, count) = join.Plan.PositionsOf(block, 1);
        var merged = new TileNeighbours([.. Enumerable.Range(first, count).Select(position => (long)position)], join.Rules);
        merged.Absorb(result.Kept.ToBytes());
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            if (await JoinStore.LockKeptAsync(connection, join.JoinId, block, cancellationToken) is { } kept)
            {
                merged.Absorb(kept);
            }

            if (!await TileStore.IsOpenAsync(connection, join.JoinId, tile, cancellationToken))
            {
                return false;
            }

            if (await TileStore.AreOthersOpenAsync(connection, join.JoinId, block, tile, cancellationToken))
            {
                await TileStore.WriteAsync(connection, join.JoinId, tile, Joiner, took, result.EdgeBytes(), cancellationToken);
                await JoinStore.WriteKeptAsync(connection, join.JoinId, block, merged.ToBytes(), cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return true;
            }
        }

        var ids = await JoinStore.ReadIdsAsync(connection, join, merged.Positions(), cancellationToken);
        await MatchStore.AddAsync(connection, join.HeadId, merged.ToRows(position => ids[position]), cancellationToken);
        return null;
    }

    private void Forget()
    {
        try
        {
            // Who computes keeps the range anyway.
            if (_computing.Wait(0))
            {
                _ranges.Clear();
                _computing.Release();
            }
        }
        catch (ObjectDisposedException)
        {
            // The process ends.
        }
    }
}
