using CpfPipeline.Cli.Processes;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Processes;

public sealed class ProcessTableTests
{
    [Theory]
    [InlineData("12 (dotnet) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 37446 274112 1", 37446L)]
    [InlineData("12 (a (b) c) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 37446 274112 1", 37446L)]
    [InlineData("12 (dotnet) Z 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 37446 0 0", null)]
    [InlineData("12 (dotnet) S 1", null)]
    public void ParseStartTicks_StatLine_ReadsField22OfLiveProcesses(string stat, long? expected)
    {
        Assert.Equal(expected, ProcessTable.ParseStartTicks(stat));
    }
}
