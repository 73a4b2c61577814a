using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Sniffing;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Sniffing;

public sealed class HeaderSnifferTests
{
    private static readonly IngestOptions Limits = new() { MaxImageBytes = 100_000 };

    private static readonly byte[][] Samples =
    [
        Pictures.Jpeg(640, 480), Pictures.Png(640, 480), Pictures.Png(640, 480, 7), Pictures.Gif(640, 480, 3), Pictures.WebPLossy(640, 480),
        Pictures.WebPLossless(640, 480), Pictures.WebPAnimated(640, 480, 4), Pictures.Tiff(640, 480, 2, big: false), Pictures.Tiff(
            640, 480, 2, big: true),
        Pictures.Avif(640, 480, 64),
    ];

    private static readonly (string Format, int Frames)[] Expected =
        [("jpeg", 1), ("png", 1), ("png", 7), ("gif", 3), ("webp", 1), ("webp", 1), ("webp", 4), ("tiff", 2), ("tiff", 2), ("avif", 1)];

    [Fact]
    public void Sniff_EveryFormat_ReadsSizeAndFrames()
    {
        for (var i = 0; i < Samples.Length; i++)
        {
            var image = HeaderSniffer.Sniff(Samples[i], Limits).Image;
            Assert.Equal(new SniffedImage(Expected[i].Format, 640, 480, Expected[i].Frames), image);
        }
    }

    [Fact]
    public void Sniff_Nothing_IsEmpty() => Assert.Equal(RejectReasons.EmptyFile, HeaderSniffer.Sniff([], Limits).Reason);

    [Fact]
    public void Sniff_Text_IsUnsupported() =>
        Assert.Equal(RejectReasons.UnsupportedFormat, HeaderSniffer.Sniff("This is a text."u8, Limits).Reason);

    [Fact]
    public void Sniff_TooManyBytes_IsRefused() =>
        Assert.Equal(
            RejectReasons.TooManyBytes, HeaderSniffer.Sniff(Pictures.Jpeg(100, 100), new IngestOptions { MaxImageBytes = 50 }).Reason);

    [Fact]
    public void Sniff_HugePng_IsTooManyPixels() =>
        Assert.Equal(RejectReasons.TooManyPixels, HeaderSniffer.Sniff(Pictures.Png(30_000, 30_000), Limits).Reason);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void Sniff_GifWithoutCanvas_HasTheSizeOfItsFrame(int width, int height)
    {
        var gif = Pictures.Gif(300, 240, 1);
        gif[6] = (byte)width;
        gif[7] = 0;
        gif[8] = (byte)height;
        gif[9] = 0;
        Assert.Equal((300, 240), (HeaderSniffer.Sniff(gif, Limits).Image?.Width, HeaderSniffer.Sniff(gif, Limits).Image?.Height));
    }

    [Fact]
    public void Sniff_PngCutBehindItsHeader_IsTruncated() =>
        Assert.Equal(RejectReasons.Truncated, HeaderSniffer.Sniff(Pictures.Png(100, 100).AsSpan(0, 33), Limits).Reason);

    [Fact]
    public void Sniff_TrackingPixel_IsTooSmall() =>
        Assert.Equal(RejectReasons.TooSmall, HeaderSniffer.Sniff(Pictures.Gif(1, 1, 1), Limits).Reason);

    [Fact]
    public void Sniff_LongAnimation_IsTooManyFrames()
    {
        Assert.Equal(RejectReasons.TooManyFrames, HeaderSniffer.Sniff(Pictures.Gif(64, 64, 201), Limits).Reason);
        Assert.Equal(RejectReasons.TooManyFrames, HeaderSniffer.Sniff(Pictures.WebPAnimated(64, 64, 201), Limits).Reason);
        Assert.Equal(RejectReasons.TooManyFrames, HeaderSniffer.Sniff(Pictures.Png(64, 64, 201), Limits).Reason);
        Assert.Equal(RejectReasons.TooManyFrames, HeaderSniffer.Sniff(Pictures.Tiff(64, 64, 201, big: false), Limits).Reason);
        Assert.Null(HeaderSniffer.Sniff(Pictures.Gif(64, 64, 200), Limits).Reason);
    }

    [Fact]
    public void Sniff_HeaderCutShort_IsTruncated()
    {
        foreach (var sample in Samples)
        {
            Assert.Equal(RejectReasons.Truncated, HeaderSniffer.Sniff(sample.AsSpan(0, 12), Limits).Reason);
        }
    }

    // The chain of directories runs in a circle.
    [Fact]
    public void Sniff_TiffWithCircle_Ends()
    {
        var bytes = Pictures.Tiff(64, 64, 1, big: false);
        bytes[^4] = 8;
        Assert.Equal(RejectReasons.TooManyFrames, HeaderSniffer.Sniff(bytes, Limits).Reason);
    }

    [Fact]
    public void Sniff_AnyCutAndFlips_NeverThrows() =>
        Gen.Select(Gen.Int[0, Samples.Length - 1], Gen.Int[0, 400], Gen.Select(Gen.Int[0, 400], Gen.Byte).Array[0, 8])
            .Sample((sample, length, flips) =>
        {
            var bytes = Samples[sample][..Math.Min(length, Samples[sample].Length)];
            foreach (var (at, value) in flips.Where(f => f.Item1 < bytes.Length))
            {
                bytes[at] = value;
            }

            var outcome = HeaderSniffer.Sniff(bytes, Limits);
            return (outcome.Image is null) == (outcome.Reason is not null);
        }, iter: 20_000);
}
