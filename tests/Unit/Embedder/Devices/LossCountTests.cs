using CpfPipeline.Embedder.Devices;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

public sealed class LossCountTests
{
    [Fact]
    public void Pause_LossAfterLoss_DoublesUpToFiveMinutes()
    {
        var count = new LossCount();
        var pauses = Enumerable.Range(0, 40).Select(_ =>
        {
            count.Lost();
            return count.Pause.TotalSeconds;
        }).ToList();

        Assert.Equal([1d, 2, 4, 8], pauses[..4]);
        Assert.Equal([300d], pauses[9..].Distinct());
    }

    [Fact]
    public void IsGivenUp_ThreeLossesInARow_UntilItWorks()
    {
        var count = new LossCount();
        count.Lost();
        count.Lost();
        Assert.False(count.IsGivenUp);

        count.Lost();
        Assert.True(count.IsGivenUp);

        count.Worked();
        Assert.Equal((false, TimeSpan.Zero), (count.IsGivenUp, count.Pause));
    }
}
