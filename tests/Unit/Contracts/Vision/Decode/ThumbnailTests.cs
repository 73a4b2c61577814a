using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vocabulary;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

public sealed class ThumbnailTests
{
    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Fact]
    public void Thumbnail_LargePicture_FitsAndKeepsItsAspect()
    {
        var outcome = _decoder.Thumbnail(TestPictures.Jpeg(600, 400), 96, out var webp);

        Assert.True(outcome.IsOk, outcome.Message);
        Assert.Equal(ImageFormat.WebP, ImageFormat.Of(webp));
        using var image = Image.NewFromBuffer(webp);
        Assert.Equal((96, 64, 3), (image.Width, image.Height, image.Bands));
        AssertColour(image.Getpoint(5, 5), 220, 0, 0);
        AssertColour(image.Getpoint(80, 5), 0, 0, 240);
    }

    [Fact]
    public void Thumbnail_SmallPicture_KeepsItsSize()
    {
        _decoder.Thumbnail(TestPictures.Png(40, 20), 96, out var webp);

        using var image = Image.NewFromBuffer(webp);
        Assert.Equal((40, 20), (image.Width, image.Height));
    }

    [Fact]
    public void Thumbnail_TurnedPhotographWithMetadata_IsUprightWithoutIt()
    {
        using var pattern = TestPictures.Pattern(300, 200);
        using var turned = pattern.Rot(Enums.Angle.D270);
        using var tagged = turned.Mutate(m =>
        {
            m.Set(GValue.GIntType, "orientation", 6);
            m.Set(GValue.GStrType, "exif-ifd0-Artist", "someone at home");
        });

        _decoder.Thumbnail(tagged.JpegsaveBuffer(), 96, out var webp);

        using var image = Image.NewFromBuffer(webp);
        Assert.Equal((96, 64), (image.Width, image.Height));
        AssertColour(image.Getpoint(5, 5), 220, 0, 0);
        Assert.DoesNotContain(image.GetFields(), field => field.StartsWith("exif", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 255)] // Dark strokes show on white.
    [InlineData(255, 0)] // White strokes vanish on white, so they lie on black.
    public void Thumbnail_TransparentPicture_LiesOnItsMatte(int stroke, int matte)
    {
        using var colour = (Image.Black(200, 100, bands: 3) + stroke).Cast(Enums.BandFormat.Uchar);
        using var left = Image.Black(200, 100).Embed(0, 0, 200, 100);
        using var alpha = left.Mutate(m => m.DrawRect([255], 0, 0, 100, 100, fill: true));
        using var both = colour.Bandjoin(alpha).Copy(interpretation: Enums.Interpretation.Srgb);

        _decoder.Thumbnail(both.PngsaveBuffer(), 100, out var webp);

        using var image = Image.NewFromBuffer(webp);
        Assert.Equal((100, 50, 3), (image.Width, image.Height, image.Bands));
        AssertColour(image.Getpoint(10, 25), stroke, stroke, stroke);
        AssertColour(image.Getpoint(90, 25), matte, matte, matte);
    }

    [Fact]
    public void Thumbnail_Animation_IsItsFirstFrame()
    {
        using var first = (Image.Black(80, 40, bands: 3) + new double[] { 220, 0, 0 }).Cast(Enums.BandFormat.Uchar);
        using var second = (Image.Black(80, 40, bands: 3) + new double[] { 0, 0, 240 }).Cast(Enums.BandFormat.Uchar);
        using var joined = first.Join(second, Enums.Direction.Vertical).Copy(interpretation: Enums.Interpretation.Srgb);
        using var paged = joined.Mutate(m => m.Set(GValue.GIntType, "page-height", 40));

        foreach (var file in new[] { paged.GifsaveBuffer(), paged.WebpsaveBuffer() })
        {
            _decoder.Thumbnail(file, 320, out var webp);

            using var image = Image.NewFromBuffer(webp);
            Assert.Equal((80, 40), (image.Width, image.Height));
            AssertColour(image.Getpoint(40, 20), 220, 0, 0);
        }
    }

    [Fact]
    public void Thumbnail_Tiff_IsAPictureThatBrowsersTake()
    {
        using var pattern = TestPictures.Pattern(300, 200);

        _decoder.Thumbnail(pattern.TiffsaveBuffer(), Rendition.MaxSide(Rendition.Picture), out var webp);

        using var image = Image.NewFromBuffer(webp);
        Assert.Equal((300, 200), (image.Width, image.Height));
        AssertColour(image.Getpoint(5, 5), 220, 0, 0);
    }

    [Fact]
    public void Thumbnail_BeyondTheLimits_IsRefusedAndEmpty()
    {
        Assert.Equal(RejectReasons.TooManyPixels, _decoder.Thumbnail(TestPictures.PngHeader(60_000, 60_000), 96, out var webp).Reason);
        Assert.Empty(webp);
        Assert.Equal(RejectReasons.Truncated, _decoder.Thumbnail(TestPictures.Png(500, 400)[..^60], 96, out webp).Reason);
        Assert.Empty(webp);
        Assert.Equal(RejectReasons.UnsupportedFormat, _decoder.Thumbnail("<svg/>"u8.ToArray(), 96, out webp).Reason);
        Assert.Equal(RejectReasons.EmptyFile, _decoder.Thumbnail(Array.Empty<byte>(), 96, out webp).Reason);
    }

    private static void AssertColour(double[] pixel, params int[] expected) =>
        Assert.All(pixel.Zip(expected), pair => Assert.InRange(pair.First, pair.Second - 25, pair.Second + 25));
}
