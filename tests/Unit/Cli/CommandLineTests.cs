using CpfPipeline.Cli;
using CpfPipeline.Cli.Verbs;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("frobnicate")]
    [InlineData("up", "--fast")]
    [InlineData("up", "now")]
    [InlineData("test", "Units")]
    public async Task RunAsync_UnknownWord_ReturnsUsage(params string[] words)
    {
        Assert.Equal(ExitCode.Usage, await CommandLine.RunAsync(words, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task RunAsync_HelpOfEveryVerb_ReturnsDone()
    {
        foreach (var verb in VerbTable.All)
        {
            Assert.Equal(ExitCode.Done, await CommandLine.RunAsync([verb.Name, "--help"], TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void All_Verbs_AreNamedOnce()
    {
        var names = VerbTable.All.Select(v => v.Name).Concat(VerbTable.Elsewhere.Select(v => v.Name)).ToList();

        Assert.Equal(names.Distinct(), names);
    }
}
