using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

public sealed class ImageDecoderTests
{
    private static readonly InputSpec Plain = new(32, 32, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("webp")]
    [InlineData("gif")]
    [InlineData("tiff")]
    [InlineData("avif")]
    [InlineData("png16")]
    public void Decode_FormatOrColourSpace_GivesTheSamePicture(string kind)
    {
        using var image = TestPictures.Pattern();
        var bytes = kind switch
        {
            "jpeg" => image.JpegsaveBuffer(q: 95),
            "png" => image.PngsaveBuffer(),
            "webp" => image.WebpsaveBuffer(q: 95),
            "gif" => image.GifsaveBuffer(),
            "tiff" => image.TiffsaveBuffer(),
            "avif" => image.HeifsaveBuffer(q: 90, compression: Enums.ForeignHeifCompression.Av1, effort: 0),
            _ => image.Colourspace(Enums.Interpretation.Rgb16).PngsaveBuffer(),
        };

        var row = Decode(bytes, out var outcome);

        Assert.True(outcome.IsOk, outcome.Message);
        Assert.Equal((120, 80), (outcome.Width, outcome.Height));
        AssertPixel(row, 2, 4, 220, 0, 0, .06f);
        AssertPixel(row, 20, 8, 0, 0, 240, .06f);
        AssertPixel(row, 20, 30, 0, 200, 0, .06f);
    }

    [Fact]
    public void Decode_Cmyk_GivesTheSamePicture()
    {
        using var image = TestPictures.Pattern();

        // Muted, since inks cannot print the pattern's own colours.
        using var muted = ((image * .4) + 90).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        using var inks = muted.Colourspace(Enums.Interpretation.Cmyk);

        foreach (var bytes in new[] { inks.JpegsaveBuffer(q: 95), inks.TiffsaveBuffer() })
        {
            var row = Decode(bytes, out var outcome);

            Assert.True(outcome.IsOk, outcome.Message);
            AssertPixel(row, 2, 4, 178, 90, 90, .1f);
            AssertPixel(row, 20, 8, 90, 90, 186, .1f);
            AssertPixel(row, 20, 30, 90, 170, 90, .1f);
        }
    }

    [Fact]
    public void Decode_OutOfTime_IsRefused()
    {
        var decoder = new ImageDecoder(new ImageLimits(), new TimeIsUp());
        Assert.Equal(RejectReasons.DecodeTimeout, decoder.Decode(TestPictures.Png(), Plain, new float[Plain.RowLength]).Reason);
    }

    [Fact]
    public void Decode_GreyAndPalette_BecomeRgb()
    {
        using var image = TestPictures.Pattern();
        using var grey = image.Colourspace(Enums.Interpretation.Bw);

        var row = Decode(grey.PngsaveBuffer(), out var outcome);
        Assert.True(outcome.IsOk, outcome.Message);
        Assert.Equal(row[(8 * 32) + 20], row[1024 + (8 * 32) + 20]);

        AssertPixel(Decode(image.PngsaveBuffer(palette: true), out _), 20, 30, 0, 200, 0, .06f);
    }

    [Fact]
    public void Decode_Transparent_LiesOnWhite()
    {
        using var image = TestPictures.Pattern();
        using var clear = image.Bandjoin(0);

        var row = Decode(clear.PngsaveBuffer(), out var outcome);

        Assert.True(outcome.IsOk, outcome.Message);
        Assert.All(row, v => Assert.Equal(1f, v));
    }

    [Fact]
    public void Decode_OrientationTag_TurnsUpright()
    {
        using var image = TestPictures.Pattern();
        using var turned = image.Rot(Enums.Angle.D270);
        using var tagged = turned.Mutate(m => m.Set(GValue.GIntType, "orientation", 6));

        var row = Decode(tagged.JpegsaveBuffer(q: 95), out _);

        AssertPixel(row, 2, 4, 220, 0, 0, .06f);
        AssertPixel(row, 20, 30, 0, 200, 0, .06f);
    }

    [Fact]
    public void Decode_ShorterSide_CutsTheCentre()
    {
        var row = new float[Plain.RowLength];
        var outcome = _decoder.Decode(TestPictures.Png(400, 80), Plain with { Resize = ResizeRule.ShorterSide }, row);

        Assert.True(outcome.IsOk, outcome.Message);
        AssertPixel(row, 1, 8, 0, 0, 240, .06f);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(7, 5)]
    [InlineData(32, 9)]
    public void Convert_AnySize_EqualsTheFormula(int width, int height)
    {
        var spec = new InputSpec(height, width, ResizeRule.Squash, [.485f, .456f, .406f], [.229f, .224f, .225f]);
        var rgb = new byte[3 * width * height];
        new Random(1).NextBytes(rgb);
        var row = new float[spec.RowLength];

        PlanarPixels.Convert(rgb, spec, row);

        for (var i = 0; i < width * height; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                var expected = ((rgb[(3 * i) + c] / 255.0) - spec.Mean[c]) / spec.Std[c];
                Assert.Equal(expected, row[(c * width * height) + i], 1e-5);
            }
        }
    }

    [Fact]
    public void Decode_Empty_IsRefused() => AssertRefused([], RejectReasons.EmptyFile);

    [Fact]
    public void Decode_Text_IsRefused() => AssertRefused("no picture at all"u8.ToArray(), RejectReasons.UnsupportedFormat);

    [Fact]
    public void Decode_HugeHeader_IsRefusedWithoutDecoding() =>
        AssertRefused(TestPictures.PngHeader(30_000, 30_000), RejectReasons.TooManyPixels);

    [Fact]
    public void Decode_Spacer_IsRefused() => AssertRefused(TestPictures.Png(4, 100), RejectReasons.TooSmall);

    [Fact]
    public void Decode_TooManyBytes_IsRefused()
    {
        var decoder = new ImageDecoder(new ImageLimits { MaxImageBytes = 100 }, TimeProvider.System);
        Assert.Equal(RejectReasons.TooManyBytes, decoder.Inspect(TestPictures.Png()).Reason);
    }

    [Fact]
    public void Decode_FormatNotOnTheList_IsRefused()
    {
        var decoder = new ImageDecoder(new ImageLimits { Formats = [ImageFormat.Jpeg] }, TimeProvider.System);
        Assert.Equal(RejectReasons.UnsupportedFormat, decoder.Inspect(TestPictures.Png()).Reason);
    }

    [Fact]
    public void Decode_AnimatedGif_UsesTheFirstFrameUpToTheLimit()
    {
        using var first = TestPictures.Pattern();
        using var other = first.Invert();
        using var joined = first.Join(other, Enums.Direction.Vertical);
        using var pages = joined.Mutate(m => m.Set(GValue.GIntType, "page-height", 80));
        var gif = pages.GifsaveBuffer();

        AssertPixel(Decode(gif, out _), 20, 30, 0, 200, 0, .06f);
        var decoder = new ImageDecoder(new ImageLimits { MaxFrames = 1 }, TimeProvider.System);
        Assert.Equal(RejectReasons.TooManyFrames, decoder.Inspect(gif).Reason);
    }

    [Theory]
    [InlineData("jpeg")]
    [InlineData("progressive")]
    [InlineData("png")]
    [InlineData("interlaced")]
    [InlineData("webp")]
    [InlineData("gif")]
    [InlineData("tiff")]
    [InlineData("avif")]
    public void Decode_CutShort_IsTruncated(string kind)
    {
        using var image = TestPictures.Pattern(300, 200);
        using var noise = Image.Gaussnoise(300, 200, mean: 0, sigma: 30, seed: 1);
        using var busy = (image + noise).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        var bytes = kind switch
        {
            "jpeg" => busy.JpegsaveBuffer(),
            "progressive" => busy.JpegsaveBuffer(interlace: true),
            "png" => busy.PngsaveBuffer(),
            "interlaced" => busy.PngsaveBuffer(interlace: true),
            "webp" => busy.WebpsaveBuffer(),
            "gif" => busy.GifsaveBuffer(),
            "avif" => busy.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1, effort: 0),
            _ => busy.TiffsaveBuffer(),
        };

        AssertRefused(bytes[..(bytes.Length * 6 / 10)], RejectReasons.Truncated);
    }

    [Fact]
    public void Decode_Refused_LeavesTheRowAlone()
    {
        var row = Enumerable.Repeat(7f, Plain.RowLength).ToArray();
        var jpeg = TestPictures.Jpeg();

        Assert.False(_decoder.Decode(jpeg.AsMemory(0, jpeg.Length / 2), Plain, row).IsOk);

        Assert.All(row, v => Assert.Equal(7f, v));
    }

    private float[] Decode(byte[] bytes, out DecodeOutcome outcome)
    {
        var row = new float[Plain.RowLength];
        outcome = _decoder.Decode(bytes, Plain, row);
        return row;
    }

    private void AssertRefused(byte[] bytes, string reason)
    {
        Decode(bytes, out var outcome);
        Assert.True(outcome.Reason == reason, $"{outcome.Reason}: {outcome.Message}");
    }

    private static void AssertPixel(float[] row, int x, int y, int red, int green, int blue, float tolerance)
    {
        var at = (y * 32) + x;
        Assert.Equal(red / 255f, row[at], tolerance);
        Assert.Equal(green / 255f, row[1024 + at], tolerance);
        Assert.Equal(blue / 255f, row[2048 + at], tolerance);
    }

    /// <summary>Every timer fires as it is made.</summary>
    private sealed class TimeIsUp : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            callback(state);
            return base.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
