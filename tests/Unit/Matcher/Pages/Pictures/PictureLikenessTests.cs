using CpfPipeline.Matcher.Pages.Pictures;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Pages.Pictures;

public sealed class PictureLikenessTests
{
    private static readonly PictureLikeness Likeness = new(new Dictionary<long, Half[]>
    {
        [1] = [(Half)1, (Half)0], [2] = [(Half)0.75, (Half)0.5], [3] = [(Half)0, (Half)1], [4] = [(Half)0.75, (Half)0.5],
    });

    [Fact]
    public void Nearest_OfEquals_IsTheSmallestId() => Assert.Equal(new Likeness(2, 0.75), Likeness.Nearest(1));

    [Fact]
    public void Nearest_AloneOrUnknown_IsNone()
    {
        Assert.Null(new PictureLikeness(new Dictionary<long, Half[]> { [1] = [(Half)1] }).Nearest(1));
        Assert.Null(Likeness.Nearest(99));
    }

    [Fact]
    public void Bridge_OfTwoParts_IsTheirMostSimilarPair() => Assert.Equal((2, 3, 0.5), Likeness.Bridge([1, 2], [3]));

    [Fact]
    public void Bridge_PartWithoutEmbeddings_IsNone() => Assert.Null(Likeness.Bridge([1, 2], [99]));
}
