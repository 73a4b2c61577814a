using CpfPipeline.Matcher.Contents;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Contents;

public sealed class ShownContentTests
{
    [Theory]
    [InlineData(320, 2000, 1000, Rendition.Small)]
    [InlineData(960, 2000, 1000, Rendition.Large)]
    [InlineData(960, 100, 321, Rendition.Large)]
    [InlineData(960, 320, 200, Rendition.Small)]
    [InlineData(319, 2000, 1000, null)]
    [InlineData(0, 2000, 1000, null)]
    public void Thumbnail_SizeAndPicture_IsTheFileThatShowsIt(int size, int width, int height, string? expected) =>
        Assert.Equal(expected, new ShownContent(1, new byte[32], "png", width, height).Thumbnail(size));

    [Fact]
    public void BrowserType_EveryFormat_IsItsTypeOrNone() => Assert.Equal(
        ["image/jpeg", "image/png", "image/webp", "image/gif", null, "image/avif"],
        ImageFormat.All.Select(format => new ShownContent(1, new byte[32], format, 1, 1).BrowserType));

    [Fact]
    public void BrowserType_FormatThatIsNotKnown_IsNone() =>
        Assert.Null(new ShownContent(1, new byte[32], "svg", 1, 1).BrowserType);
}
