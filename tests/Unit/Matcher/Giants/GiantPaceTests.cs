using CpfPipeline.Matcher.Giants;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Giants;

public sealed class GiantPaceTests
{
    [Theory]
    [InlineData(0, 0, 0, true)] // The first round.
    [InlineData(0, 29_999, 10_000, false)]
    [InlineData(0, 30_000, 10_000, true)]
    [InlineData(999, 29_999, 10_000, false)] // A pause between two messages is no quiet.
    [InlineData(1_000, 0, 10_000, true)]
    [InlineData(0, 300, 100, true)] // A small giant hardly rests.
    public void IsDue_IdleOrRested_SaysWhen(int idleMilliseconds, int restedMilliseconds, int roundMilliseconds, bool due) => Assert.Equal(
        due,
        GiantPace.IsDue(
            TimeSpan.FromMilliseconds(idleMilliseconds), TimeSpan.FromMilliseconds(restedMilliseconds),
            TimeSpan.FromMilliseconds(roundMilliseconds)));

    [Fact]
    public void IsDue_GiantGrowsUnderABacklog_TakesAQuarterOfTheTimeAtMost()
    {
        // Looked at twice a second; each round takes longer than the one before.
        var (now, restsFrom, round, worked) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        while (now < TimeSpan.FromHours(1))
        {
            if (GiantPace.IsDue(idleFor: TimeSpan.Zero, now - restsFrom, round))
            {
                Assert.InRange(worked.TotalSeconds, 0, now.TotalSeconds / 4);
                round = round == TimeSpan.Zero ? TimeSpan.FromMilliseconds(100) : 1.2 * round;
                (now, restsFrom, worked) = (now + round, now + round, worked + round);
            }

            now += TimeSpan.FromMilliseconds(500);
        }

        Assert.True(round > TimeSpan.FromMinutes(1), "It must have grown to be worth looking at.");
    }
}
