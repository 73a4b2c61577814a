using CpfPipeline.Hosting.Health;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Health;

public sealed class SharedReadingTests(TestDatabases databases)
{
    [Fact]
    public async Task ReadAsync_ManyWithinASecond_LookOnce()
    {
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        var (clock, detail) = (new StoppedClock(), new Counted());
        await using var services = new ServiceCollection()
            .AddSingleton(database.DataSource).AddSingleton<TimeProvider>(clock).AddSingleton<IHealthDetail>(detail).BuildServiceProvider();
        var shared = new SharedReading(services);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => shared.ReadAsync()));
        Assert.Empty((await shared.ReadAsync()).Problems);
        Assert.Equal(1, detail.Times);

        clock.Seconds++;
        await shared.ReadAsync();
        Assert.Equal(2, detail.Times);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long GetTimestamp() => Seconds * TimestampFrequency;
    }

    private sealed class Counted : IHealthDetail
    {
        private int _times;

        public int Times => _times;

        public string Name => "counted";

        public ValueTask<object?> GetAsync(CancellationToken cancellationToken) => new(Interlocked.Increment(ref _times));
    }
}
