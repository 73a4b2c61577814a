using CpfPipeline.Cli.Verbs;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Verbs;

public sealed class ReplayVerbTests
{
    [Theory]
    [InlineData("2026-11-29T21:00Z", "2026-11-29T21:00:00Z")]
    [InlineData("2026-11-29 21:00", "2026-11-29T21:00:00Z")]
    [InlineData("2026-11-29T21:00+02:00", "2026-11-29T19:00:00Z")]
    public void TimeOf_ATime_IsInUtcUnlessItSaysOtherwise(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, null), ReplayVerb.TimeOf("--since", text));

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("90m", 5_400)]
    [InlineData("1.5h", 5_400)]
    [InlineData("2d", 172_800)]
    public void TimeOf_AnAge_IsThatLongAgo(string text, double seconds)
    {
        var time = ReplayVerb.TimeOf("--since", text)!.Value;

        Assert.InRange((TimeProvider.System.GetUtcNow() - time).TotalSeconds, seconds, seconds + 60);
    }

    [Fact]
    public void TimeOf_Nothing_IsNothing() => Assert.Null(ReplayVerb.TimeOf("--since", null));
}
