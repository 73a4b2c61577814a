using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Downloads;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Pressure;

/// <summary>The gate follows what the servers behind Ingest do.</summary>
public sealed class PressureWatchTests(TestDatabases databases)
{
    [Fact]
    public async Task StepAsync_DatabaseTakesRequestsAndDoesNotAnswer_ClosesTheGateUntilItDoes()
    {
        await using var database = await databases.CreateAsync();
        var direct = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var wire = new CutWire(direct.Host!, direct.Port);
        direct.Host = "127.0.0.1";
        direct.Port = wire.Port;
        var options = Options.Create(new IngestOptions());
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = direct.ConnectionString, ["Blobs:Folder"] = Path.GetTempPath(),
        }).Build();
        var gate = new IntakeGate(options);
        using var watch = new PressureWatch(
            gate, new BrokenQueues(), configuration, new FeedSpool(options, configuration), options, new HastyTime(),
            NullLogger<PressureWatch>.Instance);
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await Until.TrueAsync(() => Task.FromResult(gate.State.Pressure is { OutboxMessages: 0, FreeDiskShare: not null }));
        Assert.Null(gate.WhyClosed(IntakeWay.Queue));

        wire.Silence();
        await Until.TrueAsync(() => Task.FromResult(gate.WhyClosed(IntakeWay.Direct) == "The database does not answer."));

        wire.Mend();
        await Until.TrueAsync(() => Task.FromResult(gate.WhyClosed(IntakeWay.Direct) is null));

        // One that refuses is noticed by who asks it; nothing waits for it.
        wire.Cut(refuse: true);
        await Until.TrueAsync(() => Task.FromResult(gate.State.Pressure.OutboxMessages is null));
        Assert.Null(gate.WhyClosed(IntakeWay.Queue));
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class BrokenQueues : IQueueLengths
    {
        public Task<IReadOnlyDictionary<string, uint>> ReadQueueLengthsAsync(CancellationToken cancellationToken) =>
            throw new IOException("no broker");

        public Task<uint?> ReadQueueLengthAsync(string queue, CancellationToken cancellationToken) => throw new IOException("no broker");
    }

    /// <summary>Waits a twentieth of what it is asked for.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 20 : dueTime, period);
    }
}
