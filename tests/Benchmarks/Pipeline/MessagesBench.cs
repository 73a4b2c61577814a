using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Contracts;
using CpfPipeline.Data;
using CpfPipeline.Hosting;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// Rows, outbox and events of three real services, without the cost of pictures: their features are in the database beforehand, as after a
/// change of head, so the Embedder runs the head and writes embeddings but decodes nothing. A second run decodes its pictures of 8 x 8 pixels.
/// </summary>
internal sealed class MessagesBench : IPipelineBench
{
    private const int Images = 20_000;
    private const int WarmUp = 4_000;
    private const int Decoded = 8_000;
    private const int CopyEvery = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public string Name => "messages";

    public string Summary => "images a second through Ingest, Embedder and Matcher without the cost of pictures";

    public bool OnlyWhenNamed => false;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (blobs, files) = (Path.Combine(context.Work, "blobs"), Directory.CreateDirectory(Path.Combine(context.Work, "pictures")).FullName);
        var submissions = Write(WarmUp + Images + Decoded, files, blobs, out var features);
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var model = BenchModel.Pixels(TinyPng.Side);
        await model.RegisterAsync(new ModelStore(servers.DataSource), new FolderBlobStore(blobs), threshold: .9, cancellationToken);
        await Seed.FeaturesAsync(servers.DataSource, backboneId: 1, features[WarmUp..(WarmUp + Images)], cancellationToken);

        var tiny = submissions[..WarmUp].Select(s => new Uri(s.Uri).LocalPath).ToArray();
        _ = BareLoop.SessionEach(tiny, model.Backbone, 1);
        var cpu = Environment.CpuUsage.TotalTime;
        _ = BareLoop.SessionEach(tiny, model.Backbone, 1);
        var pictures = (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / WarmUp;

        var before = await ThreeHops.MeasureAsync(servers.RabbitMq, Images, cancellationToken);
        await using var publisher = await Publisher.StartAsync(servers.RabbitMq, cancellationToken);
        await using var embedder = await ServiceProcess.StartAsync(context, "Embedder", servers, blobs, null, cancellationToken);
        await using var matcher = await ServiceProcess.StartAsync(context, "Matcher", servers, blobs, null, cancellationToken);
        await using var ingest = await ServiceProcess.StartAsync(
            context, "Ingest", servers, blobs, new Dictionary<string, string> { ["Ingest__FileRoots__0"] = files }, cancellationToken);
        var services = new Dictionary<string, ServiceProcess> { ["Ingest"] = ingest, ["Embedder"] = embedder, ["Matcher"] = matcher };

        _ = await MeasureAsync(servers, publisher, ingest, submissions[..WarmUp], WarmUp, cancellationToken);
        var use = CpuUse.Start(servers, services);
        var took = await MeasureAsync(servers, publisher, ingest, submissions[WarmUp..(WarmUp + Images)], WarmUp + Images, cancellationToken);
        var parts = use.Stop();
        var spent = parts.Where(part => part.Key is not (CpuUse.Others or "bench")).Sum(part => part.Value);
        await UntilMembersAsync(servers, "and reconciled", WarmUp + Images, cancellationToken);
        var decoded = await MeasureAsync(servers, publisher, ingest, submissions[(WarmUp + Images)..], submissions.Length, cancellationToken);
        await UntilMembersAsync(servers, "and reconciled", submissions.Length, cancellationToken);
        var groups = await servers.ScalarAsync<long>("select count(*) from cpf.groups", cancellationToken);
        var after = await ThreeHops.MeasureAsync(servers.RabbitMq, Images, cancellationToken);

        var bare = Figure.Of("bare MassTransit, three hops (baseline)", [before, after], "images/s");
        var rate = Images / took[^1].TotalSeconds;
        return new BenchReport(
            $"{Images:N0} images of {TinyPng.Side} x {TinyPng.Side} pixels with distinct contents, every {CopyEvery}th a near copy of the one before; head {3 * TinyPng.Side * TinyPng.Side} to {BenchModel.EmbeddingDim}",
            [
                new Figure("first submission to last match", rate, "images/s").AtLeast(1_000),
                new Figure("until the last image is stored", Images / took[0].TotalSeconds, "images/s"),
                new Figure("until the last content is embedded", Images / took[1].TotalSeconds, "images/s"),
                bare,
                new Figure("ratio to the baseline", rate / bare.Value, ""),
                new Figure("processor time of the pipeline, all together", 1000 * spent / Images, "core-ms/image"),
                .. parts.Select(part => new Figure($"processor time of {part.Key}", 1000 * part.Value / Images, "core-ms/image")),
                new Figure($"another {Decoded:N0} with decoding and inference of their tiny pictures", Decoded / decoded[^1].TotalSeconds, "images/s"),
                new Figure("decoding and inference of a tiny picture (bare loop)", pictures, "core-ms/image"),
                new Figure("groups of two contents or more", groups, "groups") { Goal = $"= {submissions.Length / CopyEvery}", Met = groups == submissions.Length / CopyEvery },
            ],
            [
                "Real processes with default settings, warm. Ingest is frozen while the producer queues; the clock runs from its thawing to the last row of group_members.",
                "The features are in the database beforehand: the Embedder runs the head and stores embeddings, and decodes nothing.",
                "The baseline sends as many bare messages over three quorum queues with batch consumers and publisher confirms, without rows, outbox or computation; before and after, median.",
            ]);
    }

    private static SubmitImage[] Write(int count, string files, string blobs, out (long ContentId, float[] Feature)[] features)
    {
        features = new (long, float[])[count];
        var random = new Random(7);
        var pixels = new byte[TinyPng.PixelBytes];
        var submissions = new SubmitImage[count];
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
            features[i] = (content.ContentId, FeatureOf(pixels));
            var file = Path.Combine(files, string.Create(CultureInfo.InvariantCulture, $"{i}.png"));
            File.WriteAllBytes(file, bytes);
            submissions[i] = new SubmitImage { Source = "bench", ExternalId = Path.GetFileName(file), Uri = new Uri(file).AbsoluteUri, Revision = 1 };
        }

        return submissions;
    }

    // What the backbone of these pictures gives: the planes, normalised.
    private static float[] FeatureOf(byte[] pixels)
    {
        var feature = new float[pixels.Length];
        var area = pixels.Length / 3;
        for (var i = 0; i < pixels.Length; i++)
        {
            feature[(i % 3 * area) + (i / 3)] = ((pixels[i] / 255f) - .5f) / .5f;
        }

        return feature;
    }

    /// <summary>Times until the last image is stored, embedded, matched.</summary>
    private static async Task<TimeSpan[]> MeasureAsync(
        BenchServers servers, Publisher publisher, ServiceProcess ingest, SubmitImage[] submissions, int total, CancellationToken cancellationToken)
    {
        ingest.Freeze();
        await publisher.SendAsync(Topology.SubmitImageQueue, submissions, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        ingest.Thaw();
        await UntilCountAsync(servers, "select count(*) from cpf.images where state = 'stored'", total, cancellationToken);
        var stored = Stopwatch.GetElapsedTime(start);
        await UntilCountAsync(servers, "select count(*) from cpf.embeddings", total, cancellationToken);
        var embedded = Stopwatch.GetElapsedTime(start);
        await UntilMembersAsync(servers, "", total, cancellationToken);
        return [stored, embedded, Stopwatch.GetElapsedTime(start)];
    }

    private static Task UntilMembersAsync(BenchServers servers, string and, int total, CancellationToken cancellationToken) =>
        UntilCountAsync(servers, $"select count(*) from cpf.group_members where not pending {and}", total, cancellationToken);

    private static Task UntilCountAsync(BenchServers servers, string sql, int total, CancellationToken cancellationToken) =>
        Until.TrueAsync(async token => await servers.ScalarAsync<long>(sql, token) >= total, Pause, Limit, sql, cancellationToken);
}
