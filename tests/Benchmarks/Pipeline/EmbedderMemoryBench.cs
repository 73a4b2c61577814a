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

/// <summary>Resident memory of the real Embedder over 20,000 photos.</summary>
internal sealed class EmbedderMemoryBench : IPipelineBench
{
    private const string Backbone = "models/mobilenetv2_imagenet_features.onnx";
    private const int Images = 20_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public string Name => "embedder-memory";

    public string Summary => "the Embedder's resident memory over 20,000 photos";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var model = BenchModel.Of(context.Shared(Backbone));
        var blobs = Path.Combine(context.Work, "blobs");
        await using var servers = await context.OpenServersAsync(cancellationToken);
        await model.RegisterAsync(new ModelStore(servers.DataSource), new FolderBlobStore(blobs), threshold: .9, cancellationToken);
        var (contents, photos) = Store(context.Photos(Images), blobs);
        await Seed.ContentsAsync(servers.DataSource, contents, cancellationToken);

        await using var publisher = await Publisher.StartAsync(servers.RabbitMq, cancellationToken);
        await using var embedder = await ServiceProcess.StartAsync(context, "Embedder", servers, blobs, settings: null, cancellationToken);
        var idle = embedder.ResidentMb;
        await publisher.PublishAsync(contents.Select(c => new ContentStored { ContentId = c.ContentId }), cancellationToken);
        var samples = new List<(long Done, double Mb)>();
        await Until.TrueAsync(
            async token =>
            {
                var done = await servers.ScalarAsync<long>("select count(*) from cpf.embeddings", token);
                samples.Add((done, embedder.ResidentMb));
                if (samples.Count % 40 == 0)
                {
                    context.Say(string.Create(CultureInfo.InvariantCulture, $"{done} of {contents.Count}: {samples[^1].Mb:0} MB"));
                }

                return done == contents.Count;
            },
            Pause, Limit, "all embedded", cancellationToken);

        // The first tenth fills pools and compiles code.
        var first = samples.Where(s => s.Done >= contents.Count / 10 && s.Done < contents.Count / 2).Select(s => s.Mb).ToArray();
        var second = samples.Where(s => s.Done >= contents.Count / 2).Select(s => s.Mb).ToArray();
        var growth = (second.Average() / first.Average()) - 1;
        return new BenchReport(
            $"{contents.Count:N0} contents of {photos:N0} photos (JPEG comments make other bytes of the same picture), MobileNetV2 at 224 "
                + "px",
            [
                new Figure("peak resident memory", embedder.PeakResidentMb, "MB").Below(1_000),
                Figure.Of("resident, first half (from the first tenth on)", first, "MB"),
                Figure.Of("resident, second half", second, "MB"),
                new Figure("growth of the mean from first to second half", 100 * growth, "%").Below(5),
                new Figure("resident with the model loaded, before work", idle, "MB"),
            ],
            ["VmRSS of the real process every half second and its VmHWM; shared file pages (libraries) are counted. MB are 10^6 bytes."]);
    }

    private static (IReadOnlyList<Content> Contents, int Photos) Store(IReadOnlyList<string> files, string blobs)
    {
        var decoder = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        var contents = new Dictionary<long, Content>();
        var photos = files.Select(File.ReadAllBytes).Where(bytes => JpegVariant.IsJpeg(bytes) && decoder.Inspect(bytes).IsOk).ToArray();
        for (var i = 0; contents.Count < Images && i < 2 * Images; i++)
        {
            var photo = photos[i % photos.Length];
            var header = decoder.Inspect(photo);
            var bytes = JpegVariant.With(photo, i);
            var content = Content.Of(bytes, "jpeg", header.Width, header.Height);
            content.WriteBlob(blobs, bytes);
            contents.TryAdd(content.ContentId, content);
        }

        return ([.. contents.Values], photos.Length);
    }
}
