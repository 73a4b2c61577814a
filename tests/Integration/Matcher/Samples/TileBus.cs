using System.Text.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Tiles;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>
/// Brings the messages of joins to processes that compute tiles, before the dispatch returns. With a seed it does what a broker and dying
/// processes may do: it loses messages, brings them twice at once, in any order or after everything else, and kills who works on them.
/// </summary>
internal sealed class TileBus(
    NpgsqlDataSource dataSource, MatcherOptions options, int? seed = null, PrefilterFactory? newPrefilter = null)
    : IQueueLengths, IDisposable
{
    private readonly Random? _random = seed is { } value ? new Random(value) : null;
    private readonly List<JoinTile> _late = [];

    // Two processes with different kernels.
    private readonly TileWorker[] _workers =
    [
        NewWorker(dataSource, options, newPrefilter ?? By(PairKernel.Fastest)),
        NewWorker(dataSource, options, newPrefilter ?? By(PairKernel.Float32)),
    ];

    /// <summary>Tiles that were written, over all dispatches.</summary>
    public int Written { get; private set; }

    /// <summary>Messages that are not brought at all.</summary>
    public bool IsCut { get; set; }

    /// <summary>A real broker, to which messages go instead.</summary>
    public DispatchOutbox? Broker { get; set; }

    /// <summary>Messages that failed, as in the error queue.</summary>
    public int Failed { get; private set; }

    public void Dispose() => Array.ForEach(_workers, worker => worker.Dispose());

    /// <summary>Takes the messages of joins out of what was committed.</summary>
    /// <returns>The other messages.</returns>
    public async Task<IReadOnlyList<OutboxMessage>> TakeAsync(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken)
    {
        var own = rows.Where(row => row.Type == nameof(JoinTile)).ToArray();
        if (own.Length == 0)
        {
            return rows;
        }

        if (Broker is not null)
        {
            await Broker(own, cancellationToken);
            return [.. rows.Except(own)];
        }

        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            await OutboxStore.DeleteAsync(connection, [.. own.Select(row => row.Seq)], cancellationToken);
        }

        var tiles = own.Select(row => JsonSerializer.Deserialize<JoinTile>(row.Payload, OutboxStore.Json)!).ToArray();
        if (!IsCut)
        {
            await BringAsync(tiles, cancellationToken);
        }

        return [.. rows.Except(own)];
    }

    /// <summary>Has a process compute a tile.</summary>
    public Task<bool> ComputeAsync(JoinTile tile, CancellationToken cancellationToken) => _workers[0].RunAsync(tile, cancellationToken);

    /// <summary>Brings what was held back, when nobody waits for it any more.</summary>
    public async Task BringLateAsync(CancellationToken cancellationToken)
    {
        foreach (var tile in _late)
        {
            Written += await _workers[0].RunAsync(tile, cancellationToken) ? 1 : 0;
        }
    }

    public Task<IReadOnlyDictionary<string, uint>> ReadQueueLengthsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, uint>>(new Dictionary<string, uint>());

    /// <summary>
    /// Nothing waits, unless a real broker may hold something. What was committed by one that died is brought first, as the outbox's
    /// sweeper does.
    /// </summary>
    public async Task<uint?> ReadQueueLengthAsync(string queue, CancellationToken cancellationToken)
    {
        if (Broker is not null)
        {
            return 1;
        }

        IReadOnlyList<OutboxMessage> rows;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            rows = await OutboxStore.LockAbandonedAsync(connection, [nameof(JoinTile)], TimeSpan.Zero, 0, 100, cancellationToken);
        }

        await TakeAsync(rows, cancellationToken);
        return 0;
    }

    private static PrefilterFactory By(PairKernel kernel) => (left, maxThreads) => BlockJoin.NewPrefilter(left, maxThreads, kernel);

    private static TileWorker NewWorker(NpgsqlDataSource dataSource, MatcherOptions options, PrefilterFactory newPrefilter) =>
        new(
            dataSource, newPrefilter, new MatcherMetrics(), Options.Create(options), TimeProvider.System, NullLogger<TileWorker>.Instance);

    private async Task BringAsync(JoinTile[] tiles, CancellationToken cancellationToken)
    {
        if (_random is null)
        {
            foreach (var tile in tiles)
            {
                try
                {
                    Written += await _workers[tile.Tile % 2].RunAsync(tile, cancellationToken) ? 1 : 0;
                }
                catch (NotSupportedException)
                {
                    Failed++;
                }
            }

            return;
        }

        _random.Shuffle(tiles);
        foreach (var tile in tiles)
        {
            switch (_random.Next(8))
            {
                case 0:
                    break; // Lost.
                case 1:
                    _late.Add(tile);
                    break;
                case 2:
                    await KillAsync(tile);
                    break;
                case 3 or 4:
                    var both = await Task.WhenAll(_workers.Select(worker => worker.RunAsync(tile, cancellationToken)));
                    Written += both.Count(written => written);
                    break;
                default:
                    Written += await _workers[_random.Next(2)].RunAsync(tile, cancellationToken) ? 1 : 0;
                    break;
            }
        }
    }

    private async Task KillAsync(JoinTile tile)
    {
        using var death = new CancellationTokenSource(TimeSpan.FromMilliseconds(_random!.Next(8)));
        try
        {
            Written += await _workers[_random.Next(2)].RunAsync(tile, death.Token) ? 1 : 0;
        }
        catch (OperationCanceledException)
        {
            // The broker brings its message again, or the sender does.
        }
    }
}
