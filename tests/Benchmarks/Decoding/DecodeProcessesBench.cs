using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Devices;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Embedder.Runtime;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Tests.Benchmarks.Decoding;

/// <summary>The Embedder's workers, from blobs to features, with decoding in processes and within this one, in turns.</summary>
internal sealed class DecodeProcessesBench : IPipelineBench
{
    private const string Backbone = "models/mobilenetv2_imagenet_features.onnx";
    private const int PhotoCount = 960;
    private const int BatchSize = 64;
    private const int Turns = 60; // Many short ones: what else the machine does then falls on both ways alike.
    private const int WarmUp = 4;
    private const int AloneCount = 50;

    public string Name => "decode-processes";

    public string Summary => "images a second with decoding in processes, against decoding within the Embedder";

    public bool OnlyWhenNamed => false;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var model = BenchModel.Of(context.Shared(Backbone));
        var within = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        var photos = context.Photos(PhotoCount).Select(File.ReadAllBytes).Where(bytes => within.Inspect(bytes).IsOk).ToArray();
        var blobs = Path.Combine(context.Work, "blobs");
        var contents = photos.Select(bytes => Content.Of(bytes, "", 0, 0)).ToArray();
        for (var i = 0; i < photos.Length; i++)
        {
            contents[i].WriteBlob(blobs, photos[i]);
        }

        ContentWork[][] work = [.. contents.Select(c => new ContentWork(c.ContentId, c.Sha256, "stored", null, null, [], []))
            .Chunk(BatchSize).Where(c => c.Length == BatchSize)];
        NativeHeap.Limit(); // As the Embedder does.
        var options = Options.Create(new EmbedderOptions());
        using var pool = new DecoderPool(
            new DecoderSettings
            {
                Command = DecoderCommand.Beside, Limits = options.Value.Limits, Count = options.Value.EffectiveWorkers,
            },
            TimeProvider.System);
        var starting = Stopwatch.GetTimestamp();
        pool.Start();
        var started = Stopwatch.GetElapsedTime(starting).TotalMilliseconds;
        using var cpu = new BackboneSession(model.Backbone, new SessionSettings { Provider = ExecutionProviderRequest.Cpu });
        using var backbone = new ServedBackbone(cpu.Spec, cpu.Provider, new Lazy<BackboneSession>(cpu), devices: null);
        using var ours = Workers(pool);
        using var theirs = Workers(within);
        var (ratios, rates, baseline, alone) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var (ourSeconds, theirSeconds) = (0d, 0d);
        for (var turn = -WarmUp; turn < Turns; turn++)
        {
            var batch = work[(turn + WarmUp) % work.Length];
            var first = turn % 2 == 0 ? ours : theirs; // Whoever comes second finds the files in memory.
            var one = await MeasureAsync(first, batch, cancellationToken);
            var two = await MeasureAsync(first == ours ? theirs : ours, batch, cancellationToken);
            var (processes, here) = first == ours ? (one, two) : (two, one);
            if (!processes.Features.AsSpan().SequenceEqual(here.Features))
            {
                throw new InvalidOperationException("the features differ");
            }

            if (turn >= 0)
            {
                rates.Add(processes.PerSecond);
                baseline.Add(here.PerSecond);
                ratios.Add(processes.PerSecond / here.PerSecond);
                ourSeconds += processes.CoreSeconds;
                theirSeconds += here.CoreSeconds;
                alone.Add(Alone(within, photos, cpu) / Alone(pool, photos, cpu));
            }
        }

        var pictures = Turns * BatchSize / 1000d;
        context.Say(string.Create(CultureInfo.InvariantCulture, $"processor time {ourSeconds / theirSeconds:0.000}"));

        return new BenchReport(
            $"{photos.Length} photos, MobileNetV2 at 224 px on the CPU, {options.Value.EffectiveWorkers} workers; "
                + $"{Turns} times {BatchSize} of them each way, in turns",
            [
                Figure.Of("ratio to decoding within the process", ratios, "").AtLeast(.95),
                new Figure("processor time of both ways, ratio", ourSeconds / theirSeconds, "").Below(1.05),
                new Figure("processor time, decoding in processes", ourSeconds / pictures, "core-ms/image"),
                new Figure("processor time, decoding within (baseline)", theirSeconds / pictures, "core-ms/image"),
                Figure.Of("blobs to features, decoding in processes", rates, "images/s"),
                Figure.Of("blobs to features, decoding within (baseline)", baseline, "images/s"),
                Figure.Of("decoding alone, one caller, ratio by the clock", alone, ""),
                new Figure($"start of {options.Value.EffectiveWorkers} processes", started, "ms"),
            ],
            [
                "Both ways gave the same features, bit by bit, in every turn.",
                $"Decoding alone, by the clock: the first {AloneCount} photos, one after the other, from one thread.",
            ]);

        FeatureWorkers Workers(IPictureDecoder decoder) =>
            new(new FolderBlobStore(blobs), decoder, options, NullLogger<FeatureWorkers>.Instance);

        async Task<(double PerSecond, double CoreSeconds, Half[] Features)> MeasureAsync(
            FeatureWorkers workers, ContentWork[] contents, CancellationToken token)
        {
            var batch = new FeatureBatch(backbone, contents, Urgency.Arrival, token);
            var (start, used) = (Stopwatch.GetTimestamp(), ProcessorTime.OfTree(Environment.ProcessId));
            await workers.RunAsync(batch, token);
            var (seconds, core) = (Stopwatch.GetElapsedTime(start).TotalSeconds, ProcessorTime.OfTree(Environment.ProcessId) - used);
            return (contents.Length / seconds, core, [.. Enumerable.Range(0, contents.Length).SelectMany(i => batch.Feature(i).ToArray())]);
        }
    }

    private static double Alone(IPictureDecoder decoder, byte[][] photos, BackboneSession session)
    {
        var row = new float[session.Spec.Input.RowLength];
        var start = Stopwatch.GetTimestamp();
        foreach (var photo in photos.Take(AloneCount))
        {
            _ = decoder.Decode(photo, session.Spec.Input, row);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
