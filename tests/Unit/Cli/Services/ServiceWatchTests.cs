using CpfPipeline.Cli;
using CpfPipeline.Cli.Services;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Services;

public sealed class ServiceWatchTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task CheckAsync_SilentForTooLong_NamesTheService()
    {
        var watch = new ServiceWatch((service, _) => Task.FromResult(service.Name != "Matcher"), _time);

        var e = await Assert.ThrowsAsync<CommandException>(() => RunAsync(watch, seconds: 40));

        Assert.Equal(ExitCode.Infrastructure, e.ExitCode);
        Assert.StartsWith("Matcher is gone", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_BackInTime_GoesOn()
    {
        var answers = false;
        var watch = new ServiceWatch((_, _) => Task.FromResult(answers), _time);
        await RunAsync(watch, seconds: 20);
        answers = true;
        await RunAsync(watch, seconds: 20);
        answers = false;

        await RunAsync(watch, seconds: 20);
    }

    [Fact]
    public async Task CheckAsync_OtherServiceSilent_IsNotAskedAbout()
    {
        var watch = new ServiceWatch((service, _) => Task.FromResult(service.Name is "Embedder" or "Matcher"), _time);

        await RunAsync(watch, seconds: 100);
    }

    private async Task RunAsync(ServiceWatch watch, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            await watch.CheckAsync(["Embedder", "Matcher"], CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
