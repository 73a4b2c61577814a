using CpfPipeline.Hosting.Background;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Background;

public sealed class PollingTests
{
    [Fact]
    public async Task UntilFoundAsync_FoundLate_PausesGrowToTheLongestOne()
    {
        var time = new InstantTime();
        var looks = 0;

        // So many that growth without an end would overflow.
        var found = await Polling.UntilFoundAsync(
            _ => Task.FromResult(++looks > 200 ? "answer" : null), time, TestContext.Current.CancellationToken);

        Assert.Equal(("answer", 201, 200), (found, looks, time.Pauses.Count));
        Assert.Equal(time.Pauses.Order(), time.Pauses);
        Assert.InRange(time.Pauses.First(), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
        Assert.Equal(Polling.MaxPause, time.Pauses.Last());
    }

    [Fact]
    public async Task UntilFoundAsync_FoundAtOnce_DoesNotPause()
    {
        var time = new InstantTime();

        Assert.Equal("answer", await Polling.UntilFoundAsync(
            _ => Task.FromResult<string?>("answer"), time, TestContext.Current.CancellationToken));
        Assert.Empty(time.Pauses);
    }
}
