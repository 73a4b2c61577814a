using System.Buffers.Binary;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Integrity;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>A picture that has lost a part of its data is refused as truncated, also when the file ends as if it were whole.</summary>
public sealed class DamagedPicturesTests
{
    private static readonly InputSpec Plain = new(32, 32, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Theory]
    [InlineData(false, 0, .05)]
    [InlineData(false, 0, .2)]
    [InlineData(false, 0, .95)]
    [InlineData(false, 0, .98)]
    [InlineData(false, 3, .2)]
    [InlineData(false, 3, .8)]
    [InlineData(true, 0, .02)]
    [InlineData(true, 0, .2)]
    [InlineData(true, 0, .8)]
    public void Decode_JpegCutAndClosed_IsTruncated(bool progressive, int restartInterval, double share) =>
        AssertTruncated(DamagedFiles.CutScans(DamagedFiles.BusyJpeg(progressive, restartInterval), share));

    [Fact]
    public void Decode_ProgressiveJpegWithoutItsLaterScans_IsTruncated()
    {
        var jpeg = DamagedFiles.BusyJpeg(progressive: true);
        var scans = DamagedFiles.ScanStarts(jpeg).Count;
        Assert.True(scans > 3);
        for (var kept = 1; kept < scans; kept++)
        {
            AssertTruncated(DamagedFiles.KeepScans(jpeg, kept));
        }
    }

    [Fact]
    public void Decode_JpegWithoutAStretchBetweenItsRestarts_IsTruncated()
    {
        var jpeg = DamagedFiles.BusyJpeg(restartInterval: 3);
        AssertTruncated(DamagedFiles.Remove(jpeg, DamagedFiles.ScanStarts(jpeg)[0] + 1000, 2000));
    }

    [Fact]
    public void Find_JpegWithBitsThatAreNoCode_IsBroken()
    {
        var damage = JpegEntropy.Find(
            DamagedFiles.Overwrite(DamagedFiles.BusyJpeg(), .5, [0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00]));
        Assert.False(damage!.IsCut);
        Assert.Contains("no code", damage.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 5)]
    [InlineData(true, 0)]
    [InlineData(true, 7)]
    public void Find_WholeJpeg_IsNothing(bool progressive, int restartInterval)
    {
        Assert.Null(JpegEntropy.Find(DamagedFiles.BusyJpeg(progressive, restartInterval)));
        Assert.Null(JpegScans.FindMissing(DamagedFiles.BusyJpeg(progressive, restartInterval)));
    }

    [Fact]
    public void Decode_WholeJpegWithoutEndMarker_IsAccepted()
    {
        AssertAccepted(DamagedFiles.BusyJpeg()[..^2]);
        AssertAccepted(DamagedFiles.BusyJpeg(progressive: true)[..^2]);
        AssertAccepted(DamagedFiles.BusyJpeg(restartInterval: 2)[..^2]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_JpegWithStrayBytesBetweenSegments_IsAccepted(bool progressive)
    {
        // libjpeg warns of these as it warns of lost data.
        var jpeg = DamagedFiles.BusyJpeg(progressive);
        var first = 4 + (jpeg[4] << 8) + jpeg[5];
        AssertAccepted([.. jpeg[..first], 1, 2, 3, .. jpeg[first..]]);
        AssertAccepted([.. jpeg[..^2], 1, 2, 3, 0, 0, .. jpeg[^2..]]);
    }

    [Fact]
    public void Decode_SequentialJpegWithoutABandInItsScanHeader_IsAccepted()
    {
        var jpeg = DamagedFiles.BusyJpeg();
        var band = DamagedFiles.ScanStarts(jpeg)[0] - 3;
        Assert.Equal((0, 63), (jpeg[band], jpeg[band + 1]));
        jpeg[band + 1] = 0;
        AssertAccepted(jpeg);
    }

    [Fact]
    public void Find_ProgressiveJpegThatClaimsToBeHuge_CostsNoMemory()
    {
        byte[] jpeg =
        [
            0xFF, 0xD8, 0xFF, 0xC2, 0, 20, 8, 0xFF, 0xFF, 0xFF, 0xFF, 4, 1, 0x44, 0, 2, 0x44, 0, 3, 0x44, 0, 4, 0x44, 0,
            0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 1, 2, 3, 0xFF, 0xD9,
        ];
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(JpegEntropy.Find(jpeg)!.IsCut);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData(0x7F)]
    [InlineData(0xF0)]
    [InlineData(0xFF)]
    public void Decode_PngWithoutHeader_IsRefusedWhateverLiesThere(byte value) =>
        Assert.Equal(RejectReasons.Truncated, _decoder.Inspect(PngFile.WithoutHeader(value)).Reason);

    [Fact]
    public void Decode_PngCutAfterItsHeader_IsTruncated() => AssertTruncated(PngFile.Make()[..33]);

    [Fact]
    public void Decode_PngWithRowsMissing_IsTruncated() => AssertRefused(PngFile.Make(rows: 11), RejectReasons.Truncated, "187 of 272");

    [Theory]
    [InlineData("IDAT")]
    [InlineData("IHDR")]
    public void Decode_PngWithAWrongChecksum_IsUndecodable(string chunk) =>
        AssertRefused(PngFile.Make(wrongChecksum: chunk), RejectReasons.Undecodable, $"checksum of the PNG's {chunk}");

    [Fact]
    public void Decode_PngWithAWrongChecksumOfAnUnneededChunk_IsAccepted()
    {
        AssertAccepted(PngFile.Make());
        AssertAccepted(PngFile.Make(wrongChecksum: "tEXt"));
    }

    [Theory]
    [InlineData(.1)]
    [InlineData(.5)]
    [InlineData(.9)]
    public void Decode_EveryFormatCutAnywhere_IsTruncated(double share)
    {
        foreach (var whole in new[]
        {
            DamagedFiles.BusyJpeg(), DamagedFiles.BusyJpeg(progressive: true), DamagedFiles.BusyPng(),
            DamagedFiles.BusyPng(interlaced: true), DamagedFiles.BusyGif(), DamagedFiles.BusyWebP(), DamagedFiles.BusyWebP(lossless: true),
        })
        {
            AssertAccepted(whole);
            AssertTruncated(whole[..(int)(whole.Length * share)]);
        }
    }

    [Fact]
    public void Decode_GifWhoseFrameEndsEarlyInGoodOrder_IsTruncated()
    {
        // Half of the sub-blocks, an empty one, the trailer.
        var gif = DamagedFiles.BusyGif();
        var blocks = GifFile.SubBlocksOfTheFirstFrame(gif);
        Assert.True(blocks.Count > 4);
        AssertRefused([.. gif[..blocks[blocks.Count / 2]], 0, 0x3B], RejectReasons.Truncated, "first frame of the GIF ends");
        AssertTruncated([.. gif[..blocks[0]], 0, 0x3B]);
    }

    [Fact]
    public void Decode_GifWithoutTrailer_IsAccepted() => AssertAccepted(DamagedFiles.BusyGif()[..^1]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_WebPCutWithLengthsThatFit_IsRefused(bool lossless)
    {
        var webp = DamagedFiles.BusyWebP(lossless);
        var cut = webp[..(webp.Length / 4 * 2)];
        BinaryPrimitives.WriteInt32LittleEndian(cut.AsSpan(4), cut.Length - 8);
        BinaryPrimitives.WriteInt32LittleEndian(cut.AsSpan(16), cut.Length - 20);
        Assert.False(_decoder.Decode(cut, Plain, new float[Plain.RowLength]).IsOk);
    }

    private void AssertTruncated(byte[] bytes) => AssertRefused(bytes, RejectReasons.Truncated, "");

    private void AssertRefused(byte[] bytes, string reason, string detail)
    {
        var outcome = _decoder.Decode(bytes, Plain, new float[Plain.RowLength]);
        Assert.True(outcome.Reason == reason, $"{outcome.Format}: {outcome.Reason ?? "accepted"}: {outcome.Message}");
        Assert.Contains(detail, outcome.Message, StringComparison.Ordinal);
    }

    private void AssertAccepted(byte[] bytes)
    {
        var outcome = _decoder.Decode(bytes, Plain, new float[Plain.RowLength]);
        Assert.True(outcome.IsOk, $"{outcome.Format}: {outcome.Reason}: {outcome.Message}");
    }
}
