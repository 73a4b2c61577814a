using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>The reason and the detail of a refusal depend on the picture alone, whatever is decoded before and beside it.</summary>
public sealed class ReasonsTests
{
    private static readonly InputSpec Plain = new(32, 32, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private static readonly byte[][] Pictures =
    [
        DamagedFiles.BusyJpeg(), DamagedFiles.BusyJpeg(progressive: true), DamagedFiles.BusyPng(), DamagedFiles.BusyGif(),
        DamagedFiles.BusyWebP(), DamagedFiles.CutScans(DamagedFiles.BusyJpeg(), .2), DamagedFiles.BusyJpeg()[..^900],
        DamagedFiles.KeepScans(DamagedFiles.BusyJpeg(progressive: true), 2), WithUnknownComponent(DamagedFiles.BusyJpeg()),
        DamagedFiles.CutScans(DamagedFiles.BusyJpeg(restartInterval: 2), .6), PngFile.Make()[..33],
        PngFile.Make(rows: 3), PngFile.Make(wrongChecksum: "IDAT"), PngFile.Make(wrongChecksum: "tEXt"), DamagedFiles.BusyPng()[..3000],
        DamagedFiles.BusyGif()[..2000], DamagedFiles.BusyWebP()[..900], "GIF89a"u8.ToArray(), [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 1],
    ];

    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Fact]
    public void Decode_AnyOrderAndManyThreads_GivesTheSameReasons()
    {
        var alone = Pictures.Select(Explain).ToArray();
        Assert.Equal(6, alone.Count(a => a == "accepted"));

        Gen.Shuffle(Enumerable.Range(0, 2 * Pictures.Length).ToArray()).Sample(
            order =>
            {
                var together = new string[order.Length];
                Parallel.ForEach(
                    order, new ParallelOptions { MaxDegreeOfParallelism = 4 },
                    i => together[i] = Explain(Pictures[i % Pictures.Length]));
                Assert.Equal(alone.Concat(alone), together);
            },
            iter: 20, threads: 1);
    }

    [Fact]
    public void Decode_Png_IsNotExplainedByJpegMarkers()
    {
        foreach (var jpeg in Pictures.Where(p => p[0] == 0xFF))
        {
            Explain(jpeg);
            Assert.DoesNotContain("JPEG", Explain(PngFile.Make()[..33]), StringComparison.OrdinalIgnoreCase);
        }
    }

    private static byte[] WithUnknownComponent(byte[] jpeg)
    {
        var at = DamagedFiles.ScanStarts(jpeg)[0] - 9;
        jpeg[at] = 9;
        return jpeg;
    }

    private string Explain(byte[] bytes) =>
        _decoder.Decode(bytes, Plain, new float[Plain.RowLength]) is { IsOk: false } outcome
            ? $"{outcome.Reason}: {outcome.Message}"
            : "accepted";
}
