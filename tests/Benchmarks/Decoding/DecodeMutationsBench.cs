using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.DecoderProbe;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Tests.Benchmarks.Decoding;

/// <summary>Pictures of decoders' public test sets, damaged at random, through the Embedder's pool of processes.</summary>
internal sealed class DecodeMutationsBench : IPipelineBench
{
    private const int Inputs = 50_000;
    private const int Seed = 1;
    private const int Quarters = 4;
    private const int MaxFileBytes = 1 << 20;
    private const int ThumbnailEvery = 4;
    private const int KernelEvery = 8;
    private const int ShownLosses = 20;
    private const double Megabyte = 1e6;

    private static readonly string[] Folders = ["jpg", "png", "gif", "tif", "webp", "other.avif"];
    private static readonly InputSpec Fast = new(224, 224, ResizeRule.Squash, [.485f, .456f, .406f], [.229f, .224f, .225f]);
    private static readonly InputSpec Exact = Fast with { Resize = ResizeRule.ShorterSide, Edge = 256, Kernel = ResizeKernel.Bicubic };

    [ThreadStatic]
    private static int _current;

    public string Name => "decode-mutations";

    public string Summary => "50,000 damaged pictures through the processes that decode: outcomes, crashes, memory";

    public bool OnlyWhenNamed => true;

    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        Task.Run(() => Run(context, cancellationToken), cancellationToken);

    private static BenchReport Run(BenchContext context, CancellationToken cancellationToken)
    {
        var root = context.Shared("hostile");
        byte[][] files = [.. Folders.SelectMany(f => Directory.EnumerateFiles(Path.Combine(root, f)).Order(StringComparer.Ordinal))
            .Select(File.ReadAllBytes).Where(bytes => bytes.Length is > 0 and <= MaxFileBytes)];
        var mutator = new PictureMutator(files, Seed);
        var (outcomes, kinds) = (new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, int>());
        var losses = new ConcurrentBag<string>();
        var cores = Environment.ProcessorCount;
        using var pool = new DecoderPool(
            new DecoderSettings
            {
                Command = DecoderCommand.Beside, Limits = new ImageLimits(), Count = cores, RequiredWalls = Wall.SystemCalls | Wall.Limits,
            },
            TimeProvider.System);
        pool.Lost += (loss, detail) =>
        {
            if (loss != DecoderLoss.Retired)
            {
                _ = mutator.Make(_current, out var kind);
                var line = $"input {_current} ({kind}): {loss}, {detail}";
                losses.Add(line);
                context.Say(line);
            }
        };
        pool.Start();
        var (parent, children) = (new List<double>(), new List<double>());
        var start = Stopwatch.GetTimestamp();
        for (var quarter = 0; quarter < Quarters; quarter++)
        {
            var (from, to) = (Inputs / Quarters * quarter, Inputs / Quarters * (quarter + 1));
            Parallel.For(from, to, new ParallelOptions { MaxDegreeOfParallelism = cores, CancellationToken = cancellationToken }, number =>
            {
                _current = number;
                var outcome = Decode(pool, mutator.Make(number, out var kind), number);
                kinds.AddOrUpdate(kind, 1, (_, n) => n + 1);
                outcomes.AddOrUpdate(outcome.Reason ?? "accepted", 1, (_, n) => n + 1);
            });
            parent.Add(Environment.WorkingSet / Megabyte);
            children.Add(pool.ProcessIds.Select(ResidentOf).DefaultIfEmpty().Max() / Megabyte);
            context.Say(string.Create(CultureInfo.InvariantCulture, $"{to} inputs, {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s, "
                + $"this process {parent[^1]:0} MB, a decoder {children[^1]:0} MB"));
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new BenchReport(
            $"{Inputs} inputs made of {files.Length} pictures (JPEG, PNG, GIF, TIFF, WebP, AVIF) with seed {Seed}; {cores} processes",
            [
                new Figure("processes that crashed", pool.CountOf(DecoderLoss.Crashed), "").Below(1),
                new Figure("processes that somebody else killed", pool.CountOf(DecoderLoss.Killed), "").Below(1),
                new Figure("processes that had to be ended for time", pool.CountOf(DecoderLoss.TimedOut), "").Below(1),
                new Figure("processes that answered nonsense", pool.CountOf(DecoderLoss.Disobeyed), "").Below(1),
                new Figure("processes that kept too much memory", pool.CountOf(DecoderLoss.Grew), ""),
                new Figure("processes replaced after their number of pictures", pool.CountOf(DecoderLoss.Retired), ""),
                .. outcomes.OrderByDescending(o => o.Value).Select(o => new Figure($"outcome: {o.Key}", o.Value, "pictures")),
                .. kinds.OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => new Figure($"damage: {k.Key}", k.Value, "pictures")),
                .. parent.Select((mb, i) => new Figure($"resident, this process, after quarter {i + 1}", mb, "MB")),
                .. children.Select((mb, i) => new Figure($"resident, the larger of the decoders, after quarter {i + 1}", mb, "MB")),
                new Figure("resident, this process, last quarter against the first", parent[^1] / parent[0], "").Below(1.2),
                new Figure("all of it", seconds, "s"),
            ],
            [
                $"Every input is decoded for a 224 px model, every {KernelEvery}th with a bicubic kernel; every {ThumbnailEvery}th makes a "
                    + "thumbnail instead.",
                "A crash of the process that has the pool would have left no report.",
                .. losses.Order(StringComparer.Ordinal).Take(ShownLosses).Select(l => $"Lost with {l}."),
            ]);
    }

    private static DecodeOutcome Decode(DecoderPool pool, byte[] file, int number)
    {
        if (number % ThumbnailEvery == 1)
        {
            return pool.Thumbnail(file, 320, out _);
        }

        var spec = number % KernelEvery == 0 ? Exact : Fast;
        return pool.Decode(file, spec, new float[spec.RowLength]);
    }

    private static double ResidentOf(int pid)
    {
        try
        {
            var pages = File.ReadAllText($"/proc/{pid}/statm").Split(' ')[1];
            return double.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return 0; // It was just replaced.
        }
    }
}
