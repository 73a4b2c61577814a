using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;
using CpfPipeline.Vision.Decode;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// The real Embedder from queued messages to committed rows, against <see cref="BareLoop"/> over the same files. The process is warm and is
/// frozen while the messages are queued, so that neither start-up nor the producer is measured.
/// </summary>
internal sealed class EmbedderBench : IPipelineBench
{
    private const string Backbone = "models/mobilenetv2_imagenet_features.onnx";
    private const int PhotoCount = 3_000;
    private const int WarmUp = 200;
    private const int Rounds = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public string Name => "embedder";

    public string Summary => "images a second from queue to committed rows, against decode + bare ONNX Runtime";

    public bool OnlyWhenNamed => false;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var model = BenchModel.Of(context.Shared(Backbone));
        var photos = context.Photos(PhotoCount);
        var blobs = Path.Combine(context.Work, "blobs");
        await using var servers = await context.OpenServersAsync(cancellationToken);
        await model.RegisterAsync(new ModelStore(servers.DataSource), new FolderBlobStore(blobs), threshold: .9, cancellationToken);
        var contents = Store(photos, blobs);
        await Seed.ContentsAsync(servers.DataSource, [.. contents.Keys], cancellationToken);
        string[] files = [.. contents.Values];
        long[] ids = [.. contents.Keys.Select(c => c.ContentId)];
        var cores = Environment.ProcessorCount;

        await using var publisher = await Publisher.StartAsync(servers.RabbitMq, cancellationToken);
        await using var embedder = await ServiceProcess.StartAsync(context, "Embedder", servers, blobs, settings: null, cancellationToken);
        var run = new QueueToRows(servers, publisher, embedder);
        _ = BareLoop.SessionEach(files[..WarmUp], model.Backbone, cores);
        _ = await run.MeasureAsync(ids[..WarmUp], cancellationToken);

        var (one, each, ours) = (new List<double>(), new List<double>(), new List<double>());
        var cpu = new List<IReadOnlyDictionary<string, double>>();
        for (var round = 1; round <= Rounds; round++)
        {
            one.Add(BareLoop.OneSession(files, model.Backbone, cores));
            each.Add(BareLoop.SessionEach(files, model.Backbone, cores));
            var use = CpuUse.Start(servers, new Dictionary<string, ServiceProcess> { ["Embedder"] = embedder });
            ours.Add(await run.MeasureAsync(ids, cancellationToken));
            cpu.Add(use.Stop());
            context.Say(string.Create(CultureInfo.InvariantCulture,
                $"round {round}: bare 1 x {cores} {one[^1]:0.0}/s, {cores} x 1 {each[^1]:0.0}/s, Embedder {ours[^1]:0.0}/s, ratio "
                    + $"{ours[^1] / Math.Max(one[^1], each[^1]):0.000}"));
        }

        var ratios = ours.Select((rate, i) => rate / Math.Max(one[i], each[i])).ToArray();
        return new BenchReport(
            $"{ids.Length} photos, MobileNetV2 at 224 px, head 1,280 to {BenchModel.EmbeddingDim}; {Rounds} rounds, interleaved",
            [
                Figure.Of("ratio to the better bare loop", ratios, "").AtLeast(.85),
                Figure.Of("Embedder, queue to committed rows", ours, "images/s"),
                Figure.Of($"bare loop, 1 session x {cores} threads (baseline)", one, "images/s"),
                Figure.Of($"bare loop, {cores} sessions x 1 thread (baseline)", each, "images/s"),
                .. cpu[0].Keys.Select(part =>
                    Figure.Of($"processor time of {part}", [.. cpu.Select(c => 1000 * c[part] / ids.Length)], "core-ms/image")),
            ],
            [
                "The Embedder is its real process with default settings, warm, frozen while the messages are queued; the clock runs from "
                    + "its thawing to the last committed row.",
                "The baseline reads the same files, decodes them with the same decoder and runs bare ONNX Runtime sessions, picture by "
                    + "picture.",
            ]);
    }

    private static Dictionary<Content, string> Store(IReadOnlyList<string> photos, string blobs)
    {
        var decoder = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        var contents = new Dictionary<long, (Content Content, string File)>();
        foreach (var photo in photos)
        {
            var bytes = File.ReadAllBytes(photo);
            var header = decoder.Inspect(bytes);
            if (header.IsOk)
            {
                var content = Content.Of(bytes, header.Format!, header.Width, header.Height);
                content.WriteBlob(blobs, bytes);
                contents.TryAdd(content.ContentId, (content, photo));
            }
        }

        return contents.Values.ToDictionary(c => c.Content, c => c.File);
    }

    /// <summary>Queues contents while the Embedder is frozen, then measures it until all are embedded.</summary>
    private sealed class QueueToRows(BenchServers servers, Publisher publisher, ServiceProcess embedder)
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

        public async Task<double> MeasureAsync(long[] ids, CancellationToken cancellationToken)
        {
            await servers.ExecuteAsync("truncate cpf.features, cpf.embeddings", cancellationToken);
            embedder.Freeze();
            await publisher.PublishAsync(ids.Select(id => new ContentStored { ContentId = id }), cancellationToken);
            var start = Stopwatch.GetTimestamp();
            embedder.Thaw();
            await Until.TrueAsync(
                async token => await servers.ScalarAsync<long>("select count(*) from cpf.embeddings", token) == ids.Length,
                Pause, Limit, $"{ids.Length} contents embedded", cancellationToken);
            return ids.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
