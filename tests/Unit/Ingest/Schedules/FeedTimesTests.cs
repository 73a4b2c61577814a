using CpfPipeline.Ingest.Schedules;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Schedules;

public sealed class FeedTimesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);

    [Theory]
    [InlineData("*/5 * * * *", "UTC", "2026-03-01T12:05:00Z")]
    [InlineData("30 2 * * MON-FRI", "UTC", "2026-03-02T02:30:00Z")]
    [InlineData("@daily", "UTC", "2026-03-02T00:00:00Z")]
    [InlineData("0 6 * * *", "Europe/Berlin", "2026-03-02T05:00:00Z")]
    public void Next_Expression_IsTheFirstTimeAfter(string cron, string zone, string next)
    {
        var expected = DateTimeOffset.Parse(next, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(expected, FeedTimes.Parse(cron, zone).Times!.Next(Start));
    }

    [Fact]
    public void Next_NoSuchDay_IsNull() => Assert.Null(FeedTimes.Parse("0 0 30 2 *", "UTC").Times!.Next(Start));

    [Theory]
    [InlineData(null, "UTC", "cron is missing")]
    [InlineData("nightly", "UTC", "cron: ")]
    [InlineData("61 * * * *", "UTC", "cron: ")]
    [InlineData("* * * * * *", "UTC", "cron: ")]
    [InlineData("0 0 * * *", "Mars/Olympus", "time zone Mars/Olympus")]
    public void Parse_Malformed_SaysWhatIsWrong(string? cron, string zone, string problem)
    {
        var (times, said) = FeedTimes.Parse(cron, zone);
        Assert.Null(times);
        Assert.Contains(problem, said, StringComparison.Ordinal);
        Assert.True(said!.Length > problem.Length);
    }

    [Theory]
    [InlineData(80_000)] // A list of this length ended the process: the library reads it by recursion.
    [InlineData(250)]
    public void Parse_LongList_IsRefusedByItsLength(int numbers)
    {
        var (times, problem) = FeedTimes.Parse(string.Concat(Enumerable.Repeat("1,", numbers)) + "1 * * * *", "UTC");
        Assert.Null(times);
        Assert.Equal("cron is longer than 500 characters.", problem);
    }

    [Fact]
    public void Parse_EveryNumberOfEveryField_IsTaken()
    {
        static string List(int from, int to) => string.Join(',', Enumerable.Range(from, to - from + 1));
        Assert.NotNull(FeedTimes.Parse($"{List(0, 59)} {List(0, 23)} {List(1, 31)} {List(1, 12)} {List(0, 6)}", "UTC").Times);
    }

    [Fact]
    public void Parse_LongTimeZone_IsRefusedByItsLength() =>
        Assert.Equal("time_zone is longer than 100 characters.", FeedTimes.Parse("0 0 * * *", new string('x', 101)).Problem);
}
