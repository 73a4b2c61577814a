using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Replays;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Replays;

/// <summary>What failed is put back by choice, and never lost on the way.</summary>
public sealed class FailedMessagesTests(TestBroker broker)
{
    // One for all: to make a virtual host takes longer than a test. The queues are empty when a test begins.
    private static Task<Uri>? _host;

    [Fact]
    public async Task ReplayAsync_ByReason_PutsThoseBackInOrderAndLeavesTheOthersInTheirs()
    {
        var host = await (_host ??= broker.CreateHostAsync());
        await using var failed = await FailedQueue.CreateAsync(host);
        for (var id = 0; id < 120; id++)
        {
            await failed.AddAsync(id, id % 3 == 0 ? "Npgsql.PostgresException" : "System.InvalidOperationException");
        }

        var summary = await ReplayAsync(host, new ReplayFilter(Reason: "postgres"));

        Assert.Equal((120, 40, 40), (summary.LookedAt, summary.Chosen, summary.PutBack));
        Assert.Equal(
            [new ReplayCount(FailedQueue.Errors, FailedQueue.Target, nameof(ContentStored), "Npgsql.PostgresException", 40)],
            summary.Counts);
        var back = await failed.DrainAsync(FailedQueue.Target);
        Assert.Equal(Enumerable.Range(0, 120).Where(id => id % 3 == 0).Select(id => (long)id), back.Select(m => m.Id));
        Assert.All(
            back,
            m => Assert.Equal(
                ["cpf-replays", "kept"], m.Headers.Keys.Where(k => !k.StartsWith("x-", StringComparison.Ordinal)).Order()));
        Assert.Equal(
            Enumerable.Range(0, 120).Where(id => id % 3 != 0).Select(id => (long)id),
            (await failed.DrainAsync(FailedQueue.Errors)).Select(m => m.Id));
    }

    [Fact]
    public async Task ReplayAsync_LookedAtMoreOftenThanTheDeliveryLimit_NothingLeavesItsPlace()
    {
        var host = await (_host ??= broker.CreateHostAsync());
        await using var failed = await FailedQueue.CreateAsync(host);
        for (var id = 0; id < 20; id++)
        {
            await failed.AddAsync(id);
        }

        for (var look = 0; look < 12; look++)
        {
            Assert.Equal((20, 0), (await ReplayAsync(host, new ReplayFilter(), isDryRun: true)) is var s ? (s.Chosen, s.PutBack) : default);
        }

        Assert.Equal(0u, await failed.CountAsync(Topology.DeadLetterQueue));
        Assert.Equal(Enumerable.Range(0, 20).Select(id => (long)id), (await failed.DrainAsync(FailedQueue.Errors)).Select(m => m.Id));
    }

    [Fact]
    public async Task ReplayAsync_LimitAndTime_ChoosesTheOldestOfThem()
    {
        var host = await (_host ??= broker.CreateHostAsync());
        await using var failed = await FailedQueue.CreateAsync(host);
        var noon = new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
        for (var id = 0; id < 10; id++)
        {
            await failed.AddAsync(id, at: noon.AddMinutes(id));
        }

        var summary = await ReplayAsync(host, new ReplayFilter(Since: noon.AddMinutes(4), Limit: 2));

        Assert.Equal(2, summary.PutBack);
        Assert.Equal([4, 5], (await failed.DrainAsync(FailedQueue.Target)).Select(m => m.Id));
        Assert.Equal([0, 1, 2, 3, 6, 7, 8, 9], (await failed.DrainAsync(FailedQueue.Errors)).Select(m => m.Id));
    }

    [Fact]
    public async Task ReplayAsync_ConnectionDiesInTheMiddle_LosesNoMessage()
    {
        const int count = 1500;
        var host = await (_host ??= broker.CreateHostAsync());
        await using var failed = await FailedQueue.CreateAsync(host);
        for (var id = 0; id < count; id++)
        {
            await failed.AddAsync(id);
        }

        await using var wire = new CutWire(host.Host, host.Port);
        var cut = new UriBuilder(host) { Host = "127.0.0.1", Port = wire.Port }.Uri;
        var reports = 0;

        // To the broker this is what a kill of the process is: the connection ends between a confirmation and its acknowledgement.
        await Assert.ThrowsAnyAsync<Exception>(() => Messages(cut).ReplayAsync(
            new ReplayFilter(), isDryRun: false,
            _ =>
            {
                if (++reports == 2)
                {
                    wire.Cut(refuse: true);
                }

                return Task.CompletedTask;
            },
            CancellationToken.None));

        await Until.TrueAsync(
            async () => await failed.CountAsync(FailedQueue.Target) + await failed.CountAsync(FailedQueue.Errors) >= count);
        var back = (await failed.DrainAsync(FailedQueue.Target)).Select(m => m.Id).ToList();
        var left = (await failed.DrainAsync(FailedQueue.Errors)).Select(m => m.Id).ToList();
        Assert.NotEmpty(left);
        Assert.Equal(Enumerable.Range(0, count).Select(id => (long)id), back.Concat(left).Distinct().Order());
    }

    [Fact]
    public async Task ReplayAsync_BodiesAndHeadersOfAnAttacker_StopNothingAndReachNoOtherQueue()
    {
        var host = await (_host ??= broker.CreateHostAsync());
        await using var failed = await FailedQueue.CreateAsync(host);
        await failed.AddAsync(1);
        await failed.AddRawAsync(2, """{"source":"\ud800","\ud800":1,"messageType":["\ud800"]}""");
        await failed.AddRawAsync(3, "{}", new() { ["CC"] = new List<object> { Topology.TrainModelQueue } });
        await failed.AddRawAsync(4, "{}", new() { ["x-death"] = new List<object> { new Dictionary<string, object?> { ["time"] = 1L } } });

        await failed.DrainAsync(Topology.TrainModelQueue); // What came there was sent with this test's own rights.

        var looked = await ReplayAsync(host, new ReplayFilter(), isDryRun: true);
        var summary = await ReplayAsync(host, new ReplayFilter());

        Assert.Equal((4, 4, 4), (looked.Chosen, summary.LookedAt, summary.PutBack));
        Assert.Equal([1, 2, 3, 4], (await failed.DrainAsync(FailedQueue.Target)).Select(m => m.Id));
        Assert.Equal(0u, await failed.CountAsync(Topology.TrainModelQueue));
    }

    [Fact]
    public async Task ReplayAsync_ReportFails_LeavesNoDouble()
    {
        var host = await (_host ??= broker.CreateHostAsync());
        await using var failed = await FailedQueue.CreateAsync(host);
        for (var id = 0; id < 550; id++)
        {
            await failed.AddAsync(id);
        }

        await Assert.ThrowsAsync<IOException>(() => Messages(host).ReplayAsync(
            new ReplayFilter(), isDryRun: false, _ => throw new IOException("nobody listens"), CancellationToken.None));

        var all = (await failed.DrainAsync(FailedQueue.Target)).Concat(await failed.DrainAsync(FailedQueue.Errors)).Select(m => m.Id);
        Assert.Equal(Enumerable.Range(0, 550).Select(id => (long)id), all.Order());
    }

    [Fact]
    public async Task ReplayAsync_Cancelled_LeavesTheRestInOrder()
    {
        var host = await (_host ??= broker.CreateHostAsync());
        await using var failed = await FailedQueue.CreateAsync(host);
        for (var id = 0; id < 1200; id++)
        {
            await failed.AddAsync(id, id % 100 == 0 ? "Kept" : "Chosen");
        }

        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Messages(host).ReplayAsync(
            new ReplayFilter(Reason: "Chosen"), isDryRun: false, _ => cancellation.CancelAsync(), cancellation.Token));

        Assert.Equal(
            [0, 100, 200, 300, 400, .. Enumerable.Range(500, 700).Select(id => (long)id)],
            (await failed.DrainAsync(FailedQueue.Errors)).Select(m => m.Id));
        Assert.Equal(495, (await failed.DrainAsync(FailedQueue.Target)).Count);
    }

    [Fact]
    public async Task ReplayAsync_MessageThatItsConsumerDiedOf_ShowsTheBrokersReasonAndGoesBack()
    {
        var host = await (_host ??= broker.CreateHostAsync());
        await using var failed = await FailedQueue.CreateAsync(host);
        await failed.AddAsync(7);
        await ReplayAsync(host, new ReplayFilter());
        await failed.DieOfFirstAsync(FailedQueue.Target);
        await Until.TrueAsync(async () => await failed.CountAsync(Topology.DeadLetterQueue) == 1);

        var summary = await ReplayAsync(host, new ReplayFilter(Queue: FailedQueue.Target));

        var message = Assert.Single(summary.First);
        Assert.Equal(
            (Topology.DeadLetterQueue, FailedQueue.Target, "delivery_limit", 1L),
            (message.Queue, message.Target, message.Reason, message.Replays));
        Assert.NotNull(message.FailedAt);
        Assert.Equal([7], (await failed.DrainAsync(FailedQueue.Target)).Select(m => m.Id));
    }

    private static Task<ReplaySummary> ReplayAsync(Uri host, ReplayFilter filter, bool isDryRun = false) =>
        Messages(host).ReplayAsync(filter, isDryRun, _ => Task.CompletedTask, CancellationToken.None);

    private static FailedMessages Messages(Uri host) => new(new BrokerAddress(host, null));
}
