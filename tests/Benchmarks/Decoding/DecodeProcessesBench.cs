using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Devices;
using CpfPipeline.Embedder.Embedding;
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
    private const int PhotoCount = 600;
    private const int Rounds = 11;
    private const int AloneCount = 300;

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

        ContentWork[] work = [.. contents.Select(c => new ContentWork(c.ContentId, c.Sha256, "stored", null, null, [], []))];
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
        var (ratios, cost, rates, baseline, alone) = (
            new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var first = round % 2 == 0 ? ours : theirs; // Whoever comes second has it warmer, or busier.
            var one = await MeasureAsync(first, cancellationToken);
            var two = await MeasureAsync(first == ours ? theirs : ours, cancellationToken);
            var (processes, here) = first == ours ? (one, two) : (two, one);
            if (!processes.Features.AsSpan().SequenceEqual(here.Features))
            {
                throw new InvalidOperationException("the features differ");
            }

            if (round > 0)
            {
                rates.Add(processes.PerSecond);
                baseline.Add(here.PerSecond);
                ratios.Add(processes.PerSecond / here.PerSecond);
                cost.Add(processes.CoreSeconds / here.CoreSeconds);
                alone.Add(Alone(within, photos, cpu) / Alone(pool, photos, cpu));
                context.Say(string.Create(CultureInfo.InvariantCulture,
                    $"round {round}: {rates[^1]:0.0}/s against {baseline[^1]:0.0}/s, processor time {cost[^1]:0.000}, alone {alone[^1]:0.000}"));
            }
        }

        return new BenchReport(
            $"{photos.Length} photos, MobileNetV2 at 224 px on the CPU, {options.Value.EffectiveWorkers} workers; {Rounds} rounds in turns",
            [
                Figure.Of("ratio to decoding within the process", ratios, "").AtLeast(.95),
                Figure.Of("processor time, all processes, relative to that", cost, ""),
                Figure.Of("blobs to features, decoding in processes", rates, "images/s"),
                Figure.Of("blobs to features, decoding within (baseline)", baseline, "images/s"),
                Figure.Of("decoding alone, one caller, ratio by the clock", alone, ""),
                new Figure($"start of {options.Value.EffectiveWorkers} processes", started, "ms"),
            ],
            [
                "Both ways gave the same features, bit by bit, in every round.",
                $"Decoding alone: the first {AloneCount} photos, one after the other, from one thread.",
            ]);

        FeatureWorkers Workers(IPictureDecoder decoder) =>
            new(new FolderBlobStore(blobs), decoder, options, NullLogger<FeatureWorkers>.Instance);

        async Task<(double PerSecond, double CoreSeconds, Half[] Features)> MeasureAsync(FeatureWorkers workers, CancellationToken token)
        {
            var batch = new FeatureBatch(backbone, work, Urgency.Arrival, token);
            var (start, used) = (Stopwatch.GetTimestamp(), ProcessorTime.OfTree(Environment.ProcessId));
            await workers.RunAsync(batch, token);
            var (seconds, core) = (Stopwatch.GetElapsedTime(start).TotalSeconds, ProcessorTime.OfTree(Environment.ProcessId) - used);
            return (work.Length / seconds, core, [.. Enumerable.Range(0, work.Length).SelectMany(i => batch.Feature(i).ToArray())]);
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
