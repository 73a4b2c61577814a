using System.Diagnostics;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Handover;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Tiles;
using CpfPipeline.Tests.Benchmarks.Servers;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// A join whose tiles cost a wait instead of a computation: plan, messages, rows and the coordinator are real. Shows how many processes one
/// coordinator, one Postgres and one broker can keep busy.
/// </summary>
internal sealed class SimulatedJoiners(BenchServers servers, int contents, ServingModel shadow)
{
    /// <summary>Edges that a tile returns.</summary>
    public const int Edges = 2_000;

    /// <summary>Runs a join of so many tiles.</summary>
    /// <param name="joiners">Tiles at once.</param>
    /// <param name="tiles">Tiles in all, about.</param>
    /// <param name="wait">What a tile takes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Tiles, seconds from the plan to the last tile, seconds to unite them.</returns>
    public async Task<(int Tiles, double Seconds, double Unite)> RunAsync(
        int joiners, int tiles, TimeSpan wait, CancellationToken cancellationToken)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(servers.RabbitMq, host => host.PublisherConfirmation = true);
            rabbit.ReceiveEndpoint(Topology.JoinTileQueue, endpoint =>
            {
                endpoint.SetQuorumQueue();
                endpoint.PrefetchCount = joiners;
                endpoint.ConcurrentMessageLimit = joiners;
                endpoint.Handler<JoinTile>(context => ComputeAsync(servers.DataSource, context.Message, wait, context.CancellationToken));
            });
        });
        await bus.StartAsync(cancellationToken);
        try
        {
            await using var publisher = await Publisher.StartAsync(servers.RabbitMq, cancellationToken);
            var coordinator = new TiledJoin(
                servers.DataSource, (rows, token) => SendAsync(publisher, rows, token), new BusyQueue(),
                Options.Create(new MatcherOptions { TileBlockContents = Math.Max(1, contents / tiles), TileRangeContents = contents }),
                TimeProvider.System, NullLogger<TiledJoin>.Instance);
            var start = Stopwatch.GetTimestamp();
            var join = await coordinator.PlanAsync(shadow, await LiveAsync(cancellationToken), cancellationToken)
                ?? throw new InvalidOperationException("the groups of the shadow are not asked for");
            await coordinator.AwaitAsync(join, _ => { }, cancellationToken);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            start = Stopwatch.GetTimestamp();
            await coordinator.UniteAsync(join, cancellationToken);
            var unite = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
            await JoinStore.DeleteAsync(connection, shadow.ModelId, cancellationToken);
            return (join.Plan.Tiles, seconds, unite);
        }
        finally
        {
            await bus.StopAsync(TimeSpan.FromSeconds(10));
        }
    }

    private async Task<List<long>> LiveAsync(CancellationToken cancellationToken)
    {
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        return await MembershipStore.ReadLiveAsync(connection, shadow.HeadId, cancellationToken);
    }

    // The statements of TileWorker.
    private static async Task ComputeAsync(
        NpgsqlDataSource dataSource, JoinTile message, TimeSpan wait, CancellationToken cancellationToken)
    {
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            if (!await TileStore.IsOpenAsync(connection, message.JoinId, message.Tile, cancellationToken)
                || await JoinStore.ReadAsync(connection, message.JoinId, cancellationToken) is null)
            {
                return;
            }
        }

        await Task.Delay(wait, TimeProvider.System, cancellationToken);
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await TileStore.WriteAsync(
                connection, message.JoinId, message.Tile, "simulated", wait, new byte[8 * Edges], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private async Task SendAsync(Publisher publisher, IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken)
    {
        await publisher.SendAsync(
            Topology.JoinTileQueue,
            rows.Select(row => System.Text.Json.JsonSerializer.Deserialize<JoinTile>(row.Payload, OutboxStore.Json)!), cancellationToken);
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        await OutboxStore.DeleteAsync(connection, [.. rows.Select(row => row.Seq)], cancellationToken);
    }

    // Further tiles are sent at once, and nothing again.
    private sealed class BusyQueue : IQueueLengths
    {
        public Task<IReadOnlyDictionary<string, uint>> ReadQueueLengthsAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<string, uint>>(new Dictionary<string, uint>());

        public Task<uint?> ReadQueueLengthAsync(string queue, CancellationToken cancellationToken) => Task.FromResult<uint?>(1);
    }
}
