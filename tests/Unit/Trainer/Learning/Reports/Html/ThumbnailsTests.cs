using CpfPipeline.Learning.Reports.Html;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Reports.Html;

public sealed class ThumbnailsTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void Html_Picture_IsAnImageWithItsLabel()
    {
        File.WriteAllBytes(_path, TestPictures.Jpeg());

        Assert.StartsWith("<img src=\"data:image/webp;base64,", Html(new ImageLimits()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere/at/all.png")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("/")]
    public void Html_NoFile_IsABox(string path) =>
        Assert.Equal(
            """<span class="missing">file missing</span>""",
            new Thumbnails(new ImageDecoder(new ImageLimits(), TimeProvider.System)).Html(path, "a").ToString());

    [Fact]
    public void Html_NobodyDecodes_IsABox() =>
        Assert.Equal("""<span class="missing">not shown</span>""", new Thumbnails(null).Html(_path, "a").ToString());

    [Fact]
    public void Html_NoPicture_IsABox()
    {
        File.WriteAllText(_path, "not a picture");

        Assert.Contains("not readable", Html(new ImageLimits()), StringComparison.Ordinal);
    }

    [Fact]
    public void Html_BeyondTheLimits_IsABox()
    {
        File.WriteAllBytes(_path, TestPictures.PngHeader(60_000, 60_000));
        Assert.Contains("not readable", Html(new ImageLimits()), StringComparison.Ordinal);

        File.WriteAllBytes(_path, TestPictures.Png());
        Assert.Contains("file too large", Html(new ImageLimits { MaxImageBytes = 50 }), StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_path);

    private string Html(ImageLimits limits) => new Thumbnails(new ImageDecoder(limits, TimeProvider.System)).Html(_path, "a").ToString();
}
