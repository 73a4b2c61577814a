using CpfPipeline.Embedder.Devices;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

public sealed class BatchLimitTests
{
    [Fact]
    public void Halve_DownToOne_ThenNoFurther()
    {
        var limit = new BatchLimit(6);

        Assert.Equal([true, true, false], new[] { limit.Halve(), limit.Halve(), limit.Halve() });
        Assert.Equal(1, limit.Current);
    }

    [Fact]
    public void Fitted_OftenEnough_DoublesUpToTheStart()
    {
        var limit = new BatchLimit(6);
        limit.Halve();
        limit.Halve();

        Assert.Equal([1, 2, 4, 6, 6], Enumerable.Range(0, 5).Select(i => i == 0 ? limit.Current : AfterRuns(limit, BatchLimit.FirstCalm)));
    }

    [Fact]
    public void Fitted_OneRunTooFew_ChangesNothing()
    {
        var limit = new BatchLimit(8);
        limit.Halve();

        Assert.Equal((4, 8), (AfterRuns(limit, BatchLimit.FirstCalm - 1), AfterRuns(limit, 1)));
    }

    [Fact]
    public void Halve_AfterATrialOfMore_NextTrialComesTwiceAsLate()
    {
        var limit = new BatchLimit(8);
        limit.Halve();
        AfterRuns(limit, BatchLimit.FirstCalm);

        limit.Halve();

        Assert.Equal((4, 8), (AfterRuns(limit, (2 * BatchLimit.FirstCalm) - 1), AfterRuns(limit, 1)));
    }

    private static int AfterRuns(BatchLimit limit, int runs)
    {
        for (var i = 0; i < runs; i++)
        {
            limit.Fitted();
        }

        return limit.Current;
    }
}
