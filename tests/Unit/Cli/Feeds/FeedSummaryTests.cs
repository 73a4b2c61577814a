using CpfPipeline.Cli;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Feeds;

public sealed class FeedSummaryTests
{
    [Theory]
    [InlineData(FeedState.Finished, 0, ExitCode.Done)]
    [InlineData(FeedState.Finished, 2, ExitCode.Rejected)]
    [InlineData(FeedState.Failed, 0, ExitCode.Rejected)]
    [InlineData(FeedState.Refused, 0, ExitCode.RefusedByGate)]
    internal void ExitCode_ByOutcome_IsTheDocumentedOne(string state, int rejected, ExitCode expected) =>
        Assert.Equal(expected, Summary(state, rejected).ExitCode);

    [Fact]
    public void Write_Rejections_ListsReasonsAndFirstNames()
    {
        var output = new StringWriter();

        Summary(FeedState.Finished, 12).Write(output);

        Assert.Contains(
            "rejected   12\n  truncated                 12  a.jpg, b.jpg, and 10 more\n", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("4.0 s, 2 images/s", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NothingChanged_SaysSo()
    {
        var output = new StringWriter();
        var summary = Summary(FeedState.Finished, 0);

        (summary with { Feed = summary.Feed with { Stored = 0, Unchanged = 8 } }).Write(output);

        Assert.Contains("this feed changed nothing", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("images/s", output.ToString(), StringComparison.Ordinal);
    }

    private static FeedSummary Summary(string state, int rejected) => new(
        new Feed
        {
            FeedId = 1, Source = "shop", Path = "/shop", Format = "folder", Snapshot = false, State = state, Revision = 1, RowsRead = 8,
                Unchanged = 0,
            Stored = 8, Rejected = 0, Retracted = 0, SubmittedAt = DateTimeOffset.UnixEpoch,
        },
        rejected == 0 ? [] : [new("truncated", rejected, ["a.jpg", "b.jpg"])],
        8, 2, 4, TimeSpan.FromSeconds(4));
}
