using CpfPipeline.Learning.Calibration;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Calibration;

public sealed class CopyThresholdTests
{
    [Fact]
    public void Choose_ClearGap_ThresholdLiesInIt()
    {
        var result = CopyThreshold.Choose([Row(0, false, 0), Row(0, true, 5), Row(1, false, 40), Row(1, true, 46), Row(2, false, 90)]);

        Assert.Equal(1, result.F1, 9);
        Assert.InRange(result.Threshold, Cosine(34), Cosine(6) + 1e-3);
        Assert.Equal((3, 2, 3), (result.Pictures, result.Copies, result.Gallery));
    }

    [Fact]
    public void Choose_NeighbourCloserThanCopy_CostsPrecisionOrRecall()
    {
        var result = CopyThreshold.Choose([Row(0, false, 0), Row(0, true, 8), Row(1, false, 2), Row(1, true, 60)]);
        Assert.True(result.F1 < .8);
    }

    [Fact]
    public void Choose_SameLabel_IsNeitherRightNorWrong()
    {
        var result = CopyThreshold.Choose(
            [Row(0, false, 0, "a"), Row(0, true, 8, "a"), Row(1, false, 2, "a"), Row(1, true, 10, "a"), Row(2, false, 90, "b")]);
        Assert.Equal(1, result.F1, 9);
    }

    [Fact]
    public void Measure_FixedThreshold_IsKept()
    {
        var result = CopyThreshold.Measure([Row(0, false, 0), Row(0, true, 30), Row(1, false, 90)], threshold: .99);
        Assert.Equal((.99, 0.0), (result.Threshold, result.Recall));
    }

    [Fact]
    public void Choose_PrecisionWanted_GivesUpRecallForIt()
    {
        // Two near copies, then a stranger, then two far copies: the best F1 takes all of them.
        GalleryRow[] rows =
        [
            Row(0, false, 0), Row(0, true, 2), Row(1, false, 40), Row(1, true, 42), Row(2, false, 80), Row(2, true, 68),
            Row(3, false, 90), Row(3, true, 102),
        ];

        var (best, precise) = (CopyThreshold.Choose(rows), CopyThreshold.Choose(rows, minPrecision: .95));

        Assert.True(best.Precision < .95);
        Assert.True(precise.Precision >= .95);
        Assert.True(precise.Recall < best.Recall && precise.Threshold > best.Threshold);
    }

    private static GalleryRow Row(int picture, bool copy, double degrees, string? label = null) => new(
        picture, copy, label, true, [(float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180)]);

    private static double Cosine(double degrees) => Math.Cos(degrees * Math.PI / 180);
}
