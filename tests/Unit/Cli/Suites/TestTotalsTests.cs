using CpfPipeline.Cli.Suites;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Suites;

public sealed class TestTotalsTests
{
    [Fact]
    public void ParseCtrf_Summary_CountsWhatEndedOtherwiseAsFailed()
    {
        var totals = TestTotals.ParseCtrf(
            """{"results":{"summary":{"tests":9,"passed":4,"failed":2,"pending":1,"skipped":1,"other":1}}}""");

        Assert.NotNull(totals);
        Assert.Equal("4 passed, 3 failed, 2 skipped", totals.ToString());
        Assert.Null(TestTotals.ParseCtrf("{}"));
        Assert.Null(TestTotals.ParseCtrf("cut o"));
    }

    [Fact]
    public void ParseCtrf_FailedTests_AreNamedWithTheirMessageInOneLine()
    {
        const string one = """
            {"results":{"summary":{"tests":2,"passed":1,"failed":1,"pending":0,"skipped":0,"other":0},"tests":[
             {"name":"A.Good","status":"passed","duration":1},
             {"name":"B.Bad","status":"failed","duration":1,"message":"Expected: 1\n  Actual:   2","trace":"at B"}]}}
            """;

        var both = TestTotals.ParseCtrf(one)! + TestTotals.ParseCtrf(one)!;

        Assert.Equal(["B.Bad: Expected: 1 Actual: 2", "B.Bad: Expected: 1 Actual: 2"], both.Failures);
    }

    [Fact]
    public void ToString_NothingSkipped_HasTwoNumbers()
    {
        Assert.Equal("5 passed, 0 failed", (new TestTotals(2, 0, 0) + new TestTotals(3, 0, 0)).ToString());
    }
}
