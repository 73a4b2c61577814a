using CpfPipeline.Cli.Suites;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Suites;

public sealed class TestTotalsTests
{
    [Fact]
    public void ParseCtrf_Summary_CountsWhatEndedOtherwiseAsFailed()
    {
        var totals = TestTotals.ParseCtrf("""{"results":{"summary":{"tests":9,"passed":4,"failed":2,"pending":1,"skipped":1,"other":1}}}""");

        Assert.Equal(new TestTotals(4, 3, 2), totals);
        Assert.Equal("4 passed, 3 failed, 2 skipped", totals!.ToString());
        Assert.Null(TestTotals.ParseCtrf("{}"));
        Assert.Null(TestTotals.ParseCtrf("cut o"));
    }

    [Fact]
    public void ToString_NothingSkipped_HasTwoNumbers()
    {
        Assert.Equal("5 passed, 0 failed", (new TestTotals(2, 0, 0) + new TestTotals(3, 0, 0)).ToString());
    }
}
