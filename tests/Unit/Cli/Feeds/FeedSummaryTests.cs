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
    [InlineData(FeedState.Failed, 0, ExitCode.FeedFailed)]
    [InlineData(FeedState.Cancelled, 2, ExitCode.FeedFailed)]
    [InlineData(FeedState.Refused, 0, ExitCode.RefusedByGate)]
    internal void ExitCode_ByOutcome_IsTheDocumentedOne(string state, int rejected, ExitCode expected) =>
        Assert.Equal(expected, Summary(state, rejected).ExitCode);

    [Fact]
    public void Write_Rejections_ListsReasonsAndFirstNames()
    {
        var output = new StringWriter();

        Summary(FeedState.Finished, 12).Write(output);

        Assert.Contains("rejected   12\n  truncated                 12  a.jpg, b.jpg, and 10 more\n"
            + "  row 3: a.jpg: truncated (The file ends too early.)\n  b.jpg: truncated\n  and 10 more: --rejections FILE writes all\n",
                output.ToString(), StringComparison.Ordinal);
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

    [Theory]
    [InlineData(3, 79, true)]
    [InlineData(2, 20, true)]
    [InlineData(2, 19, false)]
    [InlineData(8, 79, false)]
    [InlineData(0, 0, false)]
    public void Write_FewGroupsOfManyImages_NamesTheModel(long groups, long images, bool isTold)
    {
        var output = new StringWriter();

        (Summary(FeedState.Finished, 0) with { Groups = groups, GroupedImages = images }).Write(output);

        Assert.Equal(isTold, output.ToString().Contains("the active model may not tell", StringComparison.Ordinal));
    }

    [Fact]
    public void ExitCode_NothingListed_IsThatOfAFailedFeed()
    {
        var summary = Summary(FeedState.Finished, 0);

        Assert.Equal(ExitCode.FeedFailed, (summary with { Feed = summary.Feed with { RowsRead = 0, Stored = 0 } }).ExitCode);
    }

    [Fact]
    public void Write_IdsListedTwice_TellsAndIsNotDone()
    {
        var output = new StringWriter();
        var summary = Summary(FeedState.Finished, 0);
        summary = summary with { Feed = summary.Feed with { Duplicates = 2,
            Findings = ["3 labels match no file of the folder: a, b, c"] } };

        summary.Write(output);

        Assert.Equal(ExitCode.Rejected, summary.ExitCode);
        Assert.Contains("duplicates 2 rows", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("note       3 labels match no file of the folder: a, b, c\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FeedThatBrokeOff_TellsHowFarItCame()
    {
        var output = new StringWriter();
        var summary = Summary(FeedState.Failed, 0);

        (summary with { Feed = summary.Feed with { RowsTotal = 40, Message = "gone" } }).Write(output);

        Assert.Contains("failed (gone)\nrows       8 of 40\n", output.ToString(), StringComparison.Ordinal);
    }

    private static FeedSummary Summary(string state, int rejected) => new(
        new Feed
        {
            FeedId = 1, Source = "shop", Path = "/shop", Format = "folder", Snapshot = false, State = state, Revision = 1, RowsRead = 8
                + rejected, Unchanged = 0,
            Stored = 8, Rejected = rejected, Retracted = 0, SubmittedAt = DateTimeOffset.UnixEpoch,
        },
        rejected == 0 ? [] : [new("truncated", rejected, ["a.jpg", "b.jpg"])],
        rejected == 0 ? [] : [new(3, "a.jpg", "truncated", "The file\nends too early."), new(null, "b.jpg", "truncated", null)],
        8, 2, 4, TimeSpan.FromSeconds(4));
}
