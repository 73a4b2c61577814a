using CpfPipeline.Matcher.Pages.Frame;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Pages.Frame;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0.93, 0.9, "+0.030")]
    [InlineData(0.9, 0.9, "+0.000")]
    [InlineData(0.89, 0.9, "−0.010")]
    public void Margin_OfASimilarity_CarriesItsSign(double similarity, double threshold, string expected) =>
        Assert.Equal(expected, Figures.Margin(similarity, threshold));

    [Theory]
    [InlineData(0, "0 pictures")]
    [InlineData(1, "1 picture")]
    [InlineData(1204, "1,204 pictures")]
    public void Count_OfANoun_AgreesWithIt(long count, string expected) => Assert.Equal(expected, Figures.Count(count, "picture"));

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(12_400, "12 kB")]
    [InlineData(3_450_000, "3.5 MB")]
    public void Bytes_OfASize_AreRounded(long bytes, string expected) => Assert.Equal(expected, Figures.Bytes(bytes));
}
