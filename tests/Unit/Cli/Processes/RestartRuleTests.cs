using CpfPipeline.Cli.Processes;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Processes;

public sealed class RestartRuleTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(6, 16)]
    [InlineData(7, 30)]
    [InlineData(8, 30)]
    [InlineData(int.MaxValue, 30)]
    public void PauseAfter_ShortLives_GrowsToHalfAMinute(int shortLives, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RestartRule.PauseAfter(shortLives));
}
