using System.Globalization;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// Rows, outbox and events of three real services. Pictures are kept out by storing their features beforehand: the Embedder then neither
/// decodes nor runs a backbone, as in a backfill, and the rest of it is what it always does. Blobs are in place, too. Beside it, the same
/// with pictures of 8 x 8 pixels, where nothing is left out.
/// </summary>
internal sealed class MessagesBench : IPipelineBench
{
    private const int Images = 20_000;
    private const int WithPictures = 10_000;
    private const int WarmUp = 4_000;
    private const int CopyEvery = 10;

    public string Name => "messages";

    public string Summary => "images a second through Ingest, Embedder and Matcher without the cost of pictures";

    public bool OnlyWhenNamed => false;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (blobs, files) = (
            Path.Combine(context.Work, "blobs"), Directory.CreateDirectory(Path.Combine(context.Work, "pictures")).FullName);
        var pictures = Write(WarmUp + WithPictures + Images, files, blobs);
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var model = BenchModel.Pixels(TinyPng.Side);
        await model.RegisterAsync(new ModelStore(servers.DataSource), new FolderBlobStore(blobs), threshold: .9, cancellationToken);
        await Seed.FeaturesAsync(servers.DataSource, backboneId: 1, pictures[(WarmUp + WithPictures)..], cancellationToken);
        var decoding = CoreMsOfPictures([.. pictures[..WarmUp].Select(p => p.File)], model.Backbone);

        var before = await ThreeHops.MeasureAsync(servers.RabbitMq, Images, cancellationToken);
        await using var publisher = await Publisher.StartAsync(servers.RabbitMq, cancellationToken);
        await using var embedder = await ServiceProcess.StartAsync(context, "Embedder", servers, blobs, null, cancellationToken);
        await using var matcher = await ServiceProcess.StartAsync(context, "Matcher", servers, blobs, null, cancellationToken);
        await using var ingest = await ServiceProcess.StartAsync(
            context, "Ingest", servers, blobs, new Dictionary<string, string> { ["Ingest__FileRoots__0"] = files }, cancellationToken);
        var path = new MessagePath(servers, publisher, ingest, embedder, matcher);

        _ = await path.MeasureAsync(pictures[..WarmUp], cancellationToken);
        var whole = await path.MeasureAsync(pictures[WarmUp..(WarmUp + WithPictures)], cancellationToken);
        var bookkeeping = await path.MeasureAsync(pictures[(WarmUp + WithPictures)..], cancellationToken);
        await path.ReconciledAsync(cancellationToken);
        var groups = await servers.ScalarAsync<long>("select count(*) from cpf.groups", cancellationToken);
        var after = await ThreeHops.MeasureAsync(servers.RabbitMq, Images, cancellationToken);

        var bare = Figure.Of("bare MassTransit, three hops (baseline)", [before, after], "images/s");
        return new BenchReport(
            $"{Images:N0} images with distinct contents, every {CopyEvery}th a near copy of the one before; head "
                + $"{3 * TinyPng.Side * TinyPng.Side} to {BenchModel.EmbeddingDim}",
            [
                new Figure("without pictures, first submission to last match", bookkeeping.Rate, "images/s").AtLeast(1_000),
                new Figure("processor time of the pipeline", bookkeeping.CoreMs, "core-ms/image"),
                .. bookkeeping.Parts,
                bare,
                new Figure("ratio to the baseline", bookkeeping.Rate / bare.Value, ""),
                new Figure(
                    $"with pictures of {TinyPng.Side} x {TinyPng.Side} pixels, first submission to last match", whole.Rate, "images/s"),
                new Figure("processor time of the pipeline with those", whole.CoreMs, "core-ms/image"),
                new Figure("of that, decoding and inference (bare loop)", decoding, "core-ms/image"),
                new Figure("groups of two contents or more", groups, "groups") { Goal = $"= {pictures.Length / CopyEvery}",
                    Met = groups == pictures.Length / CopyEvery },
            ],
            [
                $"Real processes with default settings, warm after {WarmUp + WithPictures:N0} images. Ingest is frozen while the producer "
                    + "queues; the clock runs from its thawing to the last row of group_members.",
                "Without pictures: features are stored beforehand, so that the Embedder does not decode; it reads them, runs the head, "
                    + "writes embeddings and events. Blobs are in place, so that Ingest reads and hashes 300 bytes and flushes nothing to "
                    + "disk.",
                "The baseline sends as many bare messages over three quorum queues with batch consumers and publisher confirms, without "
                    + "rows, outbox or computation; before and after, median.",
            ]);
    }

    private static double CoreMsOfPictures(string[] files, BackboneFile backbone)
    {
        _ = BareLoop.SessionEach(files, backbone, 1);
        var cpu = Environment.CpuUsage.TotalTime;
        _ = BareLoop.SessionEach(files, backbone, 1);
        return (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / files.Length;
    }

    private static Picture[] Write(int count, string files, string blobs)
    {
        var random = new Random(7);
        var pixels = new byte[TinyPng.PixelBytes];
        var pictures = new Picture[count];
        for (var i = 0; i < count; i++)
        {
            if (i % CopyEvery == CopyEvery - 1)
            {
                pixels[random.Next(pixels.Length)] ^= 0x80;
            }
            else
            {
                random.NextBytes(pixels);
            }

            var bytes = TinyPng.Of(pixels);
            var content = Content.Of(bytes, "png", TinyPng.Side, TinyPng.Side);
            content.WriteBlob(blobs, bytes);
            var file = Path.Combine(files, string.Create(CultureInfo.InvariantCulture, $"{i}.png"));
            File.WriteAllBytes(file, bytes);

            // The backbone of this bench hands the normalised pixels on, plane after plane.
            var feature = Enumerable.Range(0, pixels.Length)
                .Select(n => (Half)((pixels[(3 * (n % (pixels.Length / 3))) + (n / (pixels.Length / 3))] / 127.5) - 1)).ToArray();
            pictures[i] = new Picture(file, content.ContentId, feature);
        }

        return pictures;
    }
}
