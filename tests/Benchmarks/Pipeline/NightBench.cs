using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// A whole night with the real Trainer, Embedder and Matcher over a catalogue whose features are stored: training set to activation, step
/// by step; then another one with live traffic; and what embedding from features saves over embedding from pixels.
/// </summary>
internal sealed class NightBench(int contents) : IPipelineBench
{
    private const int Side = 21; // 3 x 21 x 21 = 1,323 values: the pixel backbone's feature is about as long as MobileNetV2's 1,280.
    private const int Traffic = 3_000;
    private const int Photos = 600;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(40);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Handing = ["shadow_embed", "index", "join", "diff", "activate"];

    /// <summary>The growth from 25,000 to 100,000.</summary>
    public static IReadOnlyList<IPipelineBench> All { get; } = [new NightBench(25_000), new NightBench(50_000), new NightBench(100_000)];

    public string Name => $"night-{contents / 1000}k";

    public string Summary => $"a night over {contents:N0} contents with stored features: steps, memory, live traffic meanwhile";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var blobs = Path.Combine(context.Work, "blobs");
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var model = BenchModel.Pixels(Side);
        var (_, headId) = await model.RegisterAsync(new ModelStore(servers.DataSource), new FolderBlobStore(blobs), .7, cancellationToken);
        var ids = (await servers.ScalarAsync<long>("select backbone_id from cpf.backbones", cancellationToken), headId);
        var catalogue = new NightCatalogue(model.Backbone.Spec.FeatureDim, 1);
        await catalogue.StoreAsync(servers, model, ids, contents, 0, isEmbedded: true, cancellationToken);
        context.Say("stored");
        await using var matcher = await ServiceProcess.StartAsync(context, "Matcher", servers, blobs, null, cancellationToken);
        using (var response = await matcher.Http.PostAsync("/reconcile", null, cancellationToken))
        {
            response.EnsureSuccessStatusCode();
        }

        await using var embedder = await ServiceProcess.StartAsync(context, "Embedder", servers, blobs, null, cancellationToken);
        await using var trainer = await ServiceProcess.StartAsync(
            context, "Trainer", servers, blobs, new Dictionary<string, string>
            {
                ["Trainer__MaxChurn"] = "1", ["Trainer__GateMargin"] = "1", ["Trainer__Schedule"] = "",
                    ["OMP_WAIT_POLICY"] = "passive",
                ["Trainer__WorkFolder"] = Path.Combine(context.Work, "trainings"),
            }, cancellationToken);

        var quiet = await RunAsync(context, trainer, _ => Task.CompletedTask, cancellationToken);
        var (trainerMb, matcherMb) = (trainer.PeakResidentMb, matcher.PeakResidentMb);
        var traffic = new Live(servers, catalogue, model, ids);
        await using var publisher = await Publisher.StartAsync(servers.RabbitMq, cancellationToken);
        await traffic.RunAsync(publisher, Traffic, cancellationToken); // Warms up.
        var (before, _) = await traffic.RunAsync(publisher, Traffic, cancellationToken);
        context.Say(string.Create(CultureInfo.InvariantCulture, $"traffic alone: {before:0} contents/s"));
        (double Rate, TimeSpan Took)? training = null, handing = null;
        await RunAsync(
            context, trainer, async run =>
            {
                var step = run.GetProperty("step").GetString();
                if (step == "training" && training is null)
                {
                    training = await traffic.RunAsync(publisher, Traffic, cancellationToken);
                }
                else if (Handing.Contains(step) && handing is null)
                {
                    handing = await traffic.RunAsync(publisher, Traffic, cancellationToken);
                }
            }, cancellationToken);
        await traffic.AllMatchedAsync(cancellationToken);

        var seconds = quiet.Steps.Sum(s => s.Seconds);
        var embedding = contents / quiet.Steps.Single(s => s.Step == "shadow_embed").Seconds;
        var (pixels, pixelNote) = PixelRate(context);
        return new BenchReport(
            $"{contents:N0} contents, features of {model.Backbone.Spec.FeatureDim:N0} values, products of "
                + $"{NightCatalogue.PicturesPerProduct} pictures with global keys, embeddings of 256 values; {Traffic:N0} arrivals a "
                + "measurement of live traffic",
            [
                new Figure("a night, from the training set to the activated model", seconds, "s") { Goal = "< 900 at 100,000",
                    Met = seconds < 900 },
                .. quiet.Steps.Select(s => new Figure($"of which {s.Step.Replace('_', ' ')}", s.Seconds, "s")),
                new Figure("the Trainer's most resident memory", trainerMb, "MB") { Goal = "< 6000", Met = trainerMb < 6_000 },
                new Figure("the Matcher's most resident memory", matcherMb, "MB"),
                new Figure("F1 on the test classes, active model", quiet.ActiveF1, ""),
                new Figure("F1 on the test classes, new model", quiet.F1, ""),
                new Figure("embedding from stored features", embedding, "contents/s"),
                .. pixels is { } rate
                    ? (Figure[])[new Figure("embedding from pixels, bare loop (baseline)", rate, "contents/s"),
                        new Figure("from features / from pixels", embedding / rate, "") { Goal = ">= 20", Met = embedding / rate >= 20 }]
                    : [],
                new Figure("live traffic alone (baseline)", before, "contents/s"),
                new Figure("live traffic while training / baseline", (training?.Rate ?? double.NaN) / before, "") { Goal = ">= 0.8",
                    Met = training?.Rate / before >= .8 },
                new Figure("live traffic from backfill to activation / baseline", (handing?.Rate ?? double.NaN) / before,
                    "") { Goal = ">= 0.8", Met = handing?.Rate / before >= .8 },
            ],
            [
                "Live traffic: contents whose feature is stored, told of by ContentStored; the Embedder applies the heads of the serving "
                    + "models, the Matcher groups. All of them were matched in the end.",
                "The catalogue is an easy one, so that its F1 says only that training went well: the active model's head is random.",
                $"The {Traffic:N0} arrivals of a measurement began in the step that is named and took "
                    + $"{training?.Took.TotalSeconds ?? 0:0.0} and {handing?.Took.TotalSeconds ?? 0:0.0} s; a step may have ended before "
                    + "they did.",
                pixelNote,
            ]);
    }

    private static async Task<(IReadOnlyList<(string Step, double Seconds)> Steps, double ActiveF1, double F1)> RunAsync(
        BenchContext context, ServiceProcess trainer, Func<JsonElement, Task> look, CancellationToken cancellationToken)
    {
        using var asked = await trainer.Http.PostAsync("/trainings", null, cancellationToken);
        asked.EnsureSuccessStatusCode();
        var run = await asked.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        var url = run.GetProperty("url").GetString()!;
        var (start, step) = (Stopwatch.GetTimestamp(), "");
        while (run.GetProperty("state").GetString() is "queued" or "running")
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"the night did not end: {run}");
            }

            if (run.GetProperty("step").GetString() is { } now && now != step)
            {
                context.Say($"{now}: {run.GetProperty("message").GetString()}");
                step = now;
            }

            await look(run);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            run = await trainer.Http.GetFromJsonAsync<JsonElement>(url, cancellationToken);
        }

        if (run.GetProperty("state").GetString() != "finished")
        {
            throw new InvalidOperationException($"the night ended otherwise: {run}");
        }

        var report = await trainer.Http.GetFromJsonAsync<JsonElement>(url + "/report.json", cancellationToken);
        return (
            [.. run.GetProperty("steps").EnumerateArray().Select(s => (
                s.GetProperty("step").GetString()!,
                (s.GetProperty("finished_at").GetDateTimeOffset() - s.GetProperty("started_at").GetDateTimeOffset()).TotalSeconds))],
            report.GetProperty("active").GetProperty("f1").GetDouble(), report.GetProperty("f1").GetDouble());
    }

    // Decode, backbone and nothing else on all cores: more than an Embedder could reach.
    private static (double? Rate, string Note) PixelRate(BenchContext context)
    {
        try
        {
            var photos = context.Photos(Photos);
            var backbone = BenchModel.Of(context.Shared("models/mobilenetv2_imagenet_features.onnx")).Backbone;
            return (BareLoop.SessionEach(photos, backbone, Environment.ProcessorCount), $"Pixels: {photos.Count} photos through "
                + "MobileNetV2 at 224 px, read, decoded and run on all cores, nothing stored; from features: read from and written to "
                + "Postgres.");
        }
        catch (BenchSkippedException e)
        {
            return (null, $"Embedding from pixels was not measured: {e.Message}");
        }
    }

    /// <summary>Live traffic: contents with a feature and without an embedding.</summary>
    private sealed class Live(BenchServers servers, NightCatalogue catalogue, BenchModel model, (long Backbone, long Head) ids)
    {
        private int _next = 50_000_000;

        public async Task<(double Rate, TimeSpan Took)> RunAsync(Publisher publisher, int count, CancellationToken cancellationToken)
        {
            var arrivals = await catalogue.StoreAsync(servers, model, ids, count, _next, isEmbedded: false, cancellationToken);
            _next += count;
            var own = arrivals.Select(a => a.ContentId).ToArray();
            var start = Stopwatch.GetTimestamp();
            await publisher.PublishAsync(own.Select(id => new ContentStored { ContentId = id }), cancellationToken);
            await Until.TrueAsync(async token =>
                await MatchedAsync(own, token) == own.Length, Pause, Patience, "the traffic is matched", cancellationToken);
            var took = Stopwatch.GetElapsedTime(start);
            return (count / took.TotalSeconds, took);
        }

        public async Task AllMatchedAsync(CancellationToken cancellationToken) => await Until.TrueAsync(
            async token => await servers.ScalarAsync<long>(
                """
                select count(*) from cpf.image_status where status not in ('matched', 'pending')
                """, token) == 0, Pause, Patience, "nothing is lost",
            cancellationToken);

        private async Task<long> MatchedAsync(long[] own, CancellationToken cancellationToken)
        {
            await using var command = servers.DataSource.CreateCommand(
                """
                select count(*) from cpf.group_members where model_id = (select model_id from cpf.models where state = 'active')
                    and content_id = any($1)
                """);
            command.Parameters.Add(new() { Value = own });
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
    }
}
