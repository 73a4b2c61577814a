using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Hosting.Telemetry.Traces;
using CpfPipeline.Tests.Integration.Fixtures;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Outbox;

/// <summary>What is committed is published: at once, or by the sweeper after a crash, and never into the void.</summary>
public sealed class OutboxTests(TestDatabases databases, TestBroker broker)
{
    private const string Subscriber = "subscriber";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task DispatchAsync_EventBeforeItsConsumerEverStarted_IsKeptForIt()
    {
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        await using (var publisher = Build(database, host, "Ingest", _ => { }))
        {
            await publisher.StartAsync();
            var rows = await CommitAsync(database, new ContentStored { ContentId = 1 }, new ContentStored { ContentId = 2 });
            await publisher.Services.GetRequiredService<OutboxDispatcher>().DispatchAsync(rows, CancellationToken.None);
            Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.outbox"));
            await publisher.StopAsync();
        }

        var received = new Received();
        await using var consumer = Build(database, host, "Embedder", bus => bus.AddConsumer<Recorder, RecorderDefinition>(), received);
        await consumer.StartAsync();
        await received.WaitForAsync(2, Patience);
        Assert.Equal([1, 2], received.Ids.Order());
        await consumer.StopAsync();
    }

    [Fact]
    public async Task Sweeper_RowsLeftBehindByACrash_ArePublished()
    {
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        await CommitAsync(database, new ContentStored { ContentId = 7 });
        await database.ExecuteAsync("update cpf.outbox set created_at = now() - interval '1 minute'");
        var received = new Received();
        await using var service = Build(database, host, "Embedder", bus => bus.AddConsumer<Recorder, RecorderDefinition>(), received);

        await service.StartAsync();

        await received.WaitForAsync(1, Patience);
        Assert.Equal([7], received.Ids);
        await service.StopAsync();
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.outbox"));
    }

    [Fact]
    public async Task Sweeper_RowsWithTraces_ArePublishedInThem()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is CpfTelemetry.Name or "MassTransit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        var (own, other) = (ActivityTraceId.CreateRandom(), Context());
        using (var work = CpfTelemetry.Source.StartActivity(
            "work", ActivityKind.Consumer, new ActivityContext(own, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded),
            links: [new ActivityLink(other)]))
        {
            await CommitAsync(database, new ContentStored { ContentId = 7 });
        }

        await database.ExecuteAsync("update cpf.outbox set created_at = now() - interval '1 minute'");
        var received = new Received();
        await using var service = Build(database, host, "Embedder", bus => bus.AddConsumer<Recorder, RecorderDefinition>(), received);

        await service.StartAsync();

        await received.WaitForAsync(1, Patience);
        Assert.Equal([own, other.TraceId], received.Traces);
        Assert.Contains(own, received.Spans);
        await service.StopAsync();

        static ActivityContext Context() =>
            new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
    }

    [Fact]
    public async Task Sweeper_RowsItCannotReadAtTheHead_KeepsThemAndPublishesTheRest()
    {
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        await database.ExecuteAsync(
            """
            insert into cpf.outbox (type, payload) select 'FromTheFuture', '{}' from generate_series(1, 1000);
            insert into cpf.outbox (type, payload) select 'ContentStored', '{"contentId": "of another kind"}' from generate_series(1, 1000);
            """);
        await CommitAsync(database, new ContentStored { ContentId = 7 });
        await database.ExecuteAsync("update cpf.outbox set created_at = now() - interval '1 minute'");
        var received = new Received();
        await using var service = Build(database, host, "Embedder", bus => bus.AddConsumer<Recorder, RecorderDefinition>(), received);
        var detail = service.Services.GetServices<IHealthDetail>().Single(d => d.Name == "outbox_held_back");

        await service.StartAsync();

        await received.WaitForAsync(1, Patience);
        Assert.Equal([7], received.Ids);
        var since = TimeProvider.System.GetTimestamp();
        IReadOnlyDictionary<string, long> heldBack;
        while ((heldBack = (IReadOnlyDictionary<string, long>)(await detail.GetAsync(CancellationToken.None))!).Count == 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, "nothing is shown");
            await Task.Yield();
        }

        Assert.Equal([("ContentStored", 1000L), ("FromTheFuture", 1000L)], heldBack.Select(h => (h.Key, h.Value)).Order());
        await service.StopAsync();
        Assert.Equal(2000L, await database.ScalarAsync<long>("select count(*) from cpf.outbox"));
    }

    [Fact]
    public async Task Sweeper_PageThatAFullQueueRefuses_PublishesTheRestOnceAndTellsOfIt()
    {
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        await using var connection = await new ConnectionFactory { Uri = host }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await FillAsync(channel);
        await database.ExecuteAsync(
            """
            insert into cpf.outbox (type, payload)
            select 'MatchGroupsChanged', '{"modelId": 1, "firstSeq": 1, "lastSeq": 1, "groupIds": [1]}' from generate_series(1, 1000);
            """);
        await CommitAsync(database, new ContentStored { ContentId = 7 }, new ContentStored { ContentId = 8 });
        await database.ExecuteAsync("update cpf.outbox set created_at = now() - interval '1 minute'");
        var received = new Received();
        await using var service = Build(database, host, "Embedder", bus => bus.AddConsumer<Recorder, RecorderDefinition>(), received);
        var detail = service.Services.GetServices<IHealthDetail>().Single(d => d.Name == "outbox_refused");

        await service.StartAsync();

        await received.WaitForAsync(2, Patience);
        await Until.TrueAsync(
            async () => await detail.GetAsync(CancellationToken.None) is IReadOnlyDictionary<string, long> refused
                && refused.GetValueOrDefault("MatchGroupsChanged") == 1000, "the refused messages are told of");
        Assert.Equal([7, 8], received.Ids.Order());
        Assert.Equal(1000L, await database.ScalarAsync<long>("select count(*) from cpf.outbox where refusals > 0 and not_before > now()"));

        // The subscriber catches up.
        await channel.QueueDeleteAsync(Subscriber);
        await database.ExecuteAsync("update cpf.outbox set not_before = now()");
        await Until.TrueAsync(
            async () => await database.ScalarAsync<long>("select count(*) from cpf.outbox") == 0, "the refused messages are published");
        await service.StopAsync();
    }

    [Fact]
    public async Task SweepAsync_SilentBroker_GivesUpAndKeepsTheRowsWithoutATransaction()
    {
        await using var database = await databases.CreateAsync();
        await CommitAsync(database, new ContentStored { ContentId = 7 });
        await database.ExecuteAsync("update cpf.outbox set created_at = now() - interval '1 minute'");
        var dispatcher = new OutboxDispatcher(
            SilentBus.Create(), database.DataSource, new HastyClock(), NullLogger<OutboxDispatcher>.Instance);

        var page = await dispatcher.SweepAsync(TimeSpan.Zero, 0, 10, CancellationToken.None).WaitAsync(Patience);

        Assert.Equal((0, (long?)null), (page.Published, page.NextAfterSeq));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from cpf.outbox"));
        await database.ExecuteAsync("delete from cpf.outbox"); // Nobody holds the row any more.
    }

    [Fact]
    public async Task Message_WhoseConsumerDiesEveryTime_IsKeptAsDeadLetter()
    {
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        await using var publisher = Build(database, host, "Ingest", _ => { });
        await publisher.StartAsync();
        var rows = await CommitAsync(database, new ContentStored { ContentId = 9 });
        await publisher.Services.GetRequiredService<OutboxDispatcher>().DispatchAsync(rows, CancellationToken.None);
        await using var connection = await new ConnectionFactory { Uri = host }.CreateConnectionAsync();

        uint dead = 0;
        for (var attempt = 0; attempt < 100 && dead == 0; attempt++)
        {
            // A channel that ends with a message unacknowledged is what a dying process looks like to the broker.
            await using var channel = await connection.CreateChannelAsync();
            await channel.BasicGetAsync(Topology.ContentStoredQueue, autoAck: false);
            dead = await channel.MessageCountAsync(Topology.DeadLetterQueue);
        }

        Assert.Equal(1u, dead);
        await publisher.StopAsync();
    }

    [Fact]
    public async Task AppendAsync_TransactionRolledBack_LeavesNothing()
    {
        await using var database = await databases.CreateAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await OutboxStore.AppendAsync(connection, [new ContentStored { ContentId = 1 }], CancellationToken.None);
            await transaction.RollbackAsync();
        }

        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.outbox"));
    }

    private static async Task<IReadOnlyList<OutboxMessage>> CommitAsync(TestDatabase database, params object[] messages)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var rows = await OutboxStore.AppendAsync(connection, messages, CancellationToken.None);
        await transaction.CommitAsync();
        return rows;
    }

    // A subscriber whose queue takes one message, and has it.
    private static async Task FillAsync(IChannel channel)
    {
        var exchange = $"{typeof(MatchGroupsChanged).Namespace}:{nameof(MatchGroupsChanged)}";
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync(
            Subscriber, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" });
        await channel.QueueBindAsync(Subscriber, exchange, "");
        await channel.BasicPublishAsync("", Subscriber, new ReadOnlyMemory<byte>([1]));
    }

    private static WebApplication Build(
        TestDatabase database, Uri broker, string service, Action<IBusRegistrationConfigurator> consumers, Received? received = null)
    {
        var builder = ServiceHost.CreateBuilder(service,
        [
            $"--ConnectionStrings:Postgres={database.ConnectionString}", $"--ConnectionStrings:RabbitMq={broker}",
            "--Urls=http://127.0.0.1:0", $"--Blobs:Folder={Path.GetTempPath()}",
        ]);
        builder.Services.AddSingleton(received ?? new Received());
        builder.AddBus(consumers);
        return builder.Build();
    }

    // Every call waits until it is cancelled, as a publish does while the bus reconnects.
#pragma warning disable CA1852 // The proxy that is made at run time inherits it.
    internal class SilentBus : DispatchProxy
#pragma warning restore CA1852
    {
        public static IBus Create() => Create<IBus, SilentBus>();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, args!.OfType<CancellationToken>().Single());
    }

    // Ten seconds are over at once.
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }

    internal sealed class Received
    {
        private readonly ConcurrentQueue<long> _ids = new();
        private readonly SemaphoreSlim _arrived = new(0);

        public IReadOnlyCollection<long> Ids => _ids;

        /// <summary>Traces that the messages name.</summary>
        public ConcurrentQueue<ActivityTraceId> Traces { get; } = [];

        /// <summary>Traces that their consumer ran in.</summary>
        public ConcurrentQueue<ActivityTraceId?> Spans { get; } = [];

        public void Add(long id)
        {
            _ids.Enqueue(id);
            _arrived.Release();
        }

        public async Task WaitForAsync(int count, TimeSpan patience)
        {
            for (var n = 0; n < count; n++)
            {
                Assert.True(await _arrived.WaitAsync(patience), $"only {n} of {count} messages arrived");
            }
        }
    }

    internal sealed class Recorder(Received received) : IConsumer<ContentStored>
    {
        public Task Consume(ConsumeContext<ContentStored> context)
        {
            foreach (var trace in TraceHeaders.Read(context.ReceiveContext.TransportHeaders))
            {
                received.Traces.Enqueue(trace.TraceId);
            }

            received.Spans.Enqueue(Activity.Current?.TraceId);
            received.Add(context.Message.ContentId);
            return Task.CompletedTask;
        }
    }

    internal sealed class RecorderDefinition : ConsumerDefinition<Recorder>
    {
        public RecorderDefinition() => EndpointName = Topology.ContentStoredQueue;

        protected override void ConfigureConsumer(
            IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<Recorder> consumerConfigurator,
            IRegistrationContext context) =>
            endpointConfigurator.UsePolicy(prefetch: 10);
    }
}
