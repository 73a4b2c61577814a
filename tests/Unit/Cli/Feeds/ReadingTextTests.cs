using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Progress;
using CpfPipeline.Tests.Unit.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Feeds;

public sealed class ReadingTextTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public void Of_RowsAndBytes_TellsHowFarAndHowFast()
    {
        var text = new ReadingText(_clock);

        Assert.Equal("1,000 of 50,000 rows, 2.0 of 100.0 MB", text.Of(At(1_000, 50_000, 2_000_000, 100_000_000)));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("1,800 of 50,000 rows, 5.0 of 100.0 MB; 400 rows/s, 1.5 MB/s", text.Of(At(1_800, 50_000, 5_000_000, 100_000_000)));
    }

    [Fact]
    public void Of_AfterALongTime_TellsThePaceOfTheLastSeconds()
    {
        var text = new ReadingText(_clock);
        for (var second = 0; second < 60; second++)
        {
            text.Of(At(second * 10, null, null, null));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // Ten rows a second for a minute, then a hundred a second for ten seconds.
        var last = "";
        for (var second = 0; second <= 10; second++)
        {
            last = text.Of(At(600 + (second * 100), null, null, null));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("1,600 rows; 100 rows/s", last);
    }

    [Fact]
    public void Of_NothingMovesOrEnded_NamesNoPace()
    {
        var text = new ReadingText(_clock);
        text.Of(At(5, 9, null, null));
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("5 of 9 rows", text.Of(At(5, 9, null, null)));
        Assert.Equal("9 of 9 rows", text.Of(At(9, 9, null, null) with { FeedsEnded = true }));
    }

    private static SubmitProgress At(long rows, long? total, long? bytes, long? bytesTotal) =>
        new(rows, total, bytes, bytesTotal, FeedsEnded: false, new ImageProgress(0, 0, 0, 0));
}
