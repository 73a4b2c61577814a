using CpfPipeline.Hosting.Bus;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Bus;

public sealed class RetryPausesTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void OfOutages_AnyChance_StayFarBelowTheBrokersLimitAndDoNotSpin(double chance)
    {
        var pauses = RetryPauses.OfOutages(() => chance);

        Assert.InRange(pauses.Aggregate(TimeSpan.Zero, (a, b) => a + b), TimeSpan.FromSeconds(45), TimeSpan.FromMinutes(2));
        Assert.InRange(pauses.Length, 3, 8);
    }

    [Fact]
    public void OfOutagesInOrder_OneMessage_OutlastsLongOutagesAndStaysBelowTheBrokersLimit() =>
        Assert.InRange(
            RetryPauses.OfOutagesInOrder(() => 0.999).Aggregate(TimeSpan.Zero, (a, b) => a + b), TimeSpan.FromMinutes(15),
            TimeSpan.FromMinutes(24));

    [Fact]
    public void OfOutages_TwoMessages_DoNotComeBackInTheSameMoment()
    {
        var random = new Random(7);
        var first = RetryPauses.OfOutages(random.NextDouble);
        var second = RetryPauses.OfOutages(random.NextDouble);

        Assert.DoesNotContain(first.Zip(second), pair => pair.First == pair.Second);
    }

    [Fact]
    public void OfFaults_Together_HoldUpAQueueForSecondsOnly() =>
        Assert.InRange(
            RetryPauses.OfFaults.Aggregate(TimeSpan.Zero, (a, b) => a + b), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
}
