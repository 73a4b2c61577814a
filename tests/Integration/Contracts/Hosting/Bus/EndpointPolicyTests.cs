using System.Collections.Concurrent;
using CpfPipeline.Contracts;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Replays;
using CpfPipeline.Tests.Integration.Fixtures;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Bus;

/// <summary>What becomes of messages while servers are broken, and of those that fail by themselves.</summary>
public sealed class EndpointPolicyTests(TestDatabases databases, TestBroker broker)
{
    private const int Count = 20;
    private const long Poison = 13;

    // In all shorter than the outage, so that the messages go back into the queue in between.
    private static readonly TimeSpan[] ShortPauses = [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100)];

    [Fact]
    public async Task Outage_LongerThanAMessageMayWait_NoMessageFailsAndAllAreHandledAfterwards()
    {
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        var work = new Work { Fails = _ => new NpgsqlException("the server is away", new IOException("broken")) };
        await using var app = await StartAsync(database, host, work);
        await PublishAsync(app);

        await Until.TrueAsync(() => Task.FromResult(work.Tries > 12 * Count)); // Three tries each: given back four times.
        work.Fails = _ => null;

        await Until.TrueAsync(() => Task.FromResult(work.Done.Distinct().Count() == Count));
        Assert.Empty((await FailedAsync(host)).First);
        await app.StopAsync();
    }

    [Fact]
    public async Task Fault_OneMessageOfABatch_GoesAloneToTheErrorQueueWithItsReason()
    {
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        var work = new Work { Fails = ids => ids.Contains(Poison) ? new InvalidOperationException("poison") : null };
        await using var app = await StartAsync(database, host, work);
        await PublishAsync(app);

        await Until.TrueAsync(async () => (await FailedAsync(host)).Chosen > 0);
        await Until.TrueAsync(() => Task.FromResult(work.Done.Distinct().Count() == Count - 1));

        var failed = Assert.Single((await FailedAsync(host)).First);
        Assert.Equal(
            ("System.InvalidOperationException", "poison", nameof(ContentStored), Topology.ContentStoredQueue),
            (failed.Reason, failed.Detail, failed.Message, failed.Target));
        Assert.NotNull(failed.FailedAt);
        await app.StopAsync();
    }

    [Fact]
    public async Task Stop_WhileAConsumerWorks_WaitsForItAndLosesNothing()
    {
        await using var database = await databases.CreateAsync();
        var host = await broker.CreateHostAsync();
        var gate = new TaskCompletionSource();
        var work = new Work { Fails = _ => null, Gate = gate.Task };
        await using (var app = await StartAsync(database, host, work))
        {
            await PublishAsync(app);
            await Until.TrueAsync(() => Task.FromResult(work.Tries > 0));
            var stopping = app.StopAsync();
            await Until.TrueAsync(() => Task.FromResult(app.Lifetime.ApplicationStopping.IsCancellationRequested));
            Assert.False(stopping.IsCompleted);
            gate.SetResult();
            await stopping.WaitAsync(TimeSpan.FromSeconds(30));
        }

        await using var next = await StartAsync(database, host, work);
        await Until.TrueAsync(() => Task.FromResult(work.Done.Distinct().Count() == Count));
        Assert.Empty((await FailedAsync(host)).First);
        await next.StopAsync();
    }

    private static async Task<WebApplication> StartAsync(TestDatabase database, Uri host, Work work)
    {
        var builder = ServiceHost.CreateBuilder("Embedder", [
            "--ConnectionStrings:Postgres", database.ConnectionString, "--ConnectionStrings:RabbitMq", host.ToString(),
            "--Blobs:Folder", Path.GetTempPath(),
        ]);
        builder.Services.AddSingleton(work);
        builder.AddBus(bus => bus.AddConsumer<Worker, WorkerDefinition>());
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }

    private static async Task PublishAsync(WebApplication app)
    {
        var bus = app.Services.GetRequiredService<IBus>();
        await Task.WhenAll(Enumerable.Range(1, Count).Select(id => bus.Publish(new ContentStored { ContentId = id })));
    }

    private static Task<ReplaySummary> FailedAsync(Uri host) =>
        new FailedMessages(new BrokerAddress(host, null)).ReplayAsync(
            new ReplayFilter(), isDryRun: true, _ => Task.CompletedTask, TestContext.Current.CancellationToken);

    internal sealed class Work
    {
        private int _tries;

        public required Func<IReadOnlyCollection<long>, Exception?> Fails { get; set; }

        public Task Gate { get; init; } = Task.CompletedTask;

        public ConcurrentQueue<long> Done { get; } = [];

        public int Tries => Volatile.Read(ref _tries);

        public async Task DoAsync(IReadOnlyCollection<long> ids)
        {
            Interlocked.Add(ref _tries, ids.Count);
            await Gate;
            if (Fails(ids) is { } exception)
            {
                throw exception;
            }

            foreach (var id in ids)
            {
                Done.Enqueue(id);
            }
        }
    }

    internal sealed class Worker(Work work) : IConsumer<Batch<ContentStored>>
    {
        public Task Consume(ConsumeContext<Batch<ContentStored>> context) =>
            context.TogetherAsync(() => work.DoAsync([.. context.Message.Select(m => m.Message.ContentId)]));
    }

    internal sealed class WorkerDefinition : ConsumerDefinition<Worker>
    {
        public WorkerDefinition() => EndpointName = Topology.ContentStoredQueue;

        protected override void ConfigureConsumer(
            IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<Worker> consumerConfigurator,
            IRegistrationContext context)
        {
            endpointConfigurator.UsePolicy(prefetch: 40, () => ShortPauses);
            consumerConfigurator.Options<BatchOptions>(batch => batch
                .SetMessageLimit(Count).SetTimeLimit(TimeSpan.FromMilliseconds(50)).SetConcurrencyLimit(2)
                .AloneWhenRedelivered<ContentStored>());
        }
    }
}
