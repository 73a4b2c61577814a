using System.Diagnostics;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using NetVips;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>From a 500 x 500 JPEG to a 224 x 224 tensor on one thread, beside libvips' bare thumbnail of the same files.</summary>
internal sealed class DecodeBench : IPipelineBench
{
    private const int PhotoCount = 300;
    private const int Side = 500;
    private const int Quality = 90;
    private const int Rounds = 7;
    private static readonly InputSpec Spec = new(224, 224, ResizeRule.Squash, [.485f, .456f, .406f], [.229f, .224f, .225f]);

    public string Name => "decode";

    public string Summary => "500 x 500 JPEG to a 224 x 224 tensor, photos a second on one thread";

    public bool OnlyWhenNamed => false;

    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        Task.Run(() => Run(context, cancellationToken), cancellationToken);

    private static BenchReport Run(BenchContext context, CancellationToken cancellationToken)
    {
        var decoder = new ImageDecoder(new ImageLimits(), TimeProvider.System); // Also sets libvips to one thread an image.
        var files = context.Photos(PhotoCount).Select(Resized).ToArray();
        var row = new float[Spec.RowLength];
        var (ours, bare, header, oursWall, bareWall) = (
            new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (a, aWall) = Rate(files, file => Check(decoder.Decode(file, Spec, row)));
            var (b, bWall) = Rate(files, Thumbnail);
            var (c, _) = Rate(files, file => Check(decoder.Inspect(file)));
            if (round > 0)
            {
                ours.Add(a); // The first round warms up.
                oursWall.Add(aWall);
                bare.Add(b);
                bareWall.Add(bWall);
                header.Add(c);
            }
        }

        return new BenchReport(
            string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{files.Length} photos resized to {Side} x {Side}, JPEG quality {Quality}, {files.Average(f => f.Length) / 1000:0} kB "
                    + $"each; {Rounds} rounds on one thread"),
            [
                Figure.Of("decode to tensor", ours, "photos/core-s").AtLeast(150),
                Figure.Of("bare libvips thumbnail (baseline)", bare, "photos/core-s"),
                Figure.Of("ratio to the baseline", [.. ours.Zip(bare, (o, b) => o / b)], ""),
                Figure.Of("decode to tensor, by the clock, one caller", oursWall, "photos/s"),
                Figure.Of("bare libvips thumbnail, by the clock, one caller", bareWall, "photos/s"),
                Figure.Of("header check alone", header, "photos/core-s"),
            ],
            ["The decoder also checks header and limits, turns upright, converts to sRGB, guards the time, and writes normalised float "
                + "planes; the baseline stops at 8-bit pixels.",
             "A core-second is processor time of the whole process, so helper threads count and other programs do not."]);
    }

    private static byte[] Resized(string file)
    {
        using var image = Image.Thumbnail(file, Side, height: Side, size: Enums.Size.Force);
        return image.JpegsaveBuffer(q: Quality);
    }

    private static void Thumbnail(byte[] file)
    {
        using var image = Image.ThumbnailBuffer(file, Spec.Width, height: Spec.Height, size: Enums.Size.Force);
        var memory = image.WriteToMemory(out _);
        NetVips.NetVips.Free(memory);
    }

    private static void Check(DecodeOutcome outcome)
    {
        if (!outcome.IsOk)
        {
            throw new InvalidOperationException($"a photo is refused: {outcome.Message}");
        }
    }

    /// <summary>Files a second of processor time (all threads of this process), and a second of the clock.</summary>
    private static (double PerCore, double PerSecond) Rate(byte[][] files, Action<byte[]> work)
    {
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        foreach (var file in files)
        {
            work(file);
        }

        return (files.Length / (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
            files.Length / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
