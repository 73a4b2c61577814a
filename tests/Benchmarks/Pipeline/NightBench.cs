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
/// by step, with memory, disk and WAL; and what embedding from features saves over embedding from pixels. Over catalogues of usual size
/// another night with live traffic.
/// </summary>
internal sealed class NightBench(int contents) : IPipelineBench
{
    private const int Side = 21; // 3 x 21 x 21 = 1,323 values: the pixel backbone's feature is about as long as MobileNetV2's 1,280.
    private const int Traffic = 3_000;
    private const int Photos = 600;
    private const int MaxWithTraffic = 100_000;

    // From here on the night's join goes in tiles (Matcher:TilesAtContents).
    private const int Tiled = 200_000;

    // Under the first head, which is random, no two contents are so near: each is a group of its own.
    private const double FirstThreshold = .9;
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Handing = ["shadow_embed", "index", "join", "diff", "activate"];

    /// <summary>The growth from 25,000 to 1,000,000.</summary>
    public static IReadOnlyList<IPipelineBench> All { get; } =
        [.. new[] { 25_000, 50_000, 100_000, 300_000, 1_000_000 }.Select(contents => new NightBench(contents))];

    public string Name => contents < 1_000_000 ? $"night-{contents / 1000}k" : $"night-{contents / 1_000_000}m";

    public string Summary =>
        $"a night over {contents:N0} contents with stored features: steps, memory, disk{(HasTraffic ? ", live traffic meanwhile" : "")}";

    public bool OnlyWhenNamed => true;

    private bool HasTraffic => contents <= MaxWithTraffic;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var blobs = Path.Combine(context.Work, "blobs");
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var model = BenchModel.Pixels(Side);
        var models = new ModelStore(servers.DataSource);
        var (modelId, headId) = await model.RegisterAsync(models, new FolderBlobStore(blobs), FirstThreshold, cancellationToken);
        var ids = (await servers.ScalarAsync<long>("select backbone_id from cpf.backbones", cancellationToken), headId);
        var catalogue = new NightCatalogue(model.Backbone.Spec.FeatureDim, 1);
        var start = Stopwatch.GetTimestamp();
        await catalogue.StoreAsync(servers, model, ids, contents, 0, isEmbedded: true, cancellationToken);
        await servers.ExecuteAsync(
            $"""
            insert into cpf.group_members (model_id, content_id, group_id, component_id, reconciled)
            select {modelId}, content_id, content_id, content_id, true from cpf.embeddings
            """, cancellationToken);
        await servers.ExecuteAsync("vacuum analyze", cancellationToken);
        context.Say(string.Create(CultureInfo.InvariantCulture, $"stored in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s"));

        // Of a large catalogue's active head the index is there long before a night; nobody searches it here, so nobody builds it.
        await using var matcher = await ServiceProcess.StartAsync(
            context, "Matcher", servers, blobs,
            contents < Tiled ? null : new Dictionary<string, string> { ["Matcher__IndexAtContents"] = "1000000000" }, cancellationToken);
        await using var joiner = contents < Tiled ? null : await ServiceProcess.StartAsync(
            context, "Matcher", servers, blobs, new Dictionary<string, string>
            {
                ["Matcher__JoinsOnly"] = "true", ["Matcher__TileThreads"] = "1",
            }, cancellationToken);
        await using var embedder = await ServiceProcess.StartAsync(context, "Embedder", servers, blobs, null, cancellationToken);
        await using var trainer = await ServiceProcess.StartAsync(
            context, "Trainer", servers, blobs, new Dictionary<string, string>
            {
                ["Trainer__MaxChurn"] = "1", ["Trainer__GateMargin"] = "1", ["Trainer__Schedule"] = "",
                    ["OMP_WAIT_POLICY"] = "passive",
                ["Trainer__WorkFolder"] = Path.Combine(context.Work, "trainings"),
            }, cancellationToken);

        var services = new Dictionary<string, ServiceProcess>
        {
            ["Trainer"] = trainer, ["Matcher"] = matcher, ["Embedder"] = embedder,
        };
        if (joiner is not null)
        {
            services["joiner"] = joiner;
        }

        var meter = await NightMeter.StartAsync(servers, services, cancellationToken);
        var quiet = await RunAsync(
            context, trainer, run => meter.LookAsync(run.GetProperty("step").GetString() ?? "", cancellationToken), cancellationToken);
        await meter.LookAsync("end", cancellationToken);
        var processors = meter.Processors.Stop();
        var (trainerMb, matcherMb) = (trainer.PeakResidentMb, matcher.PeakResidentMb);
        var rows = await RowsAsync(servers, cancellationToken);
        var traffic = HasTraffic
            ? await TrafficAsync(context, servers, trainer, new Live(servers, catalogue, model, ids), cancellationToken) : [];

        var seconds = quiet.Steps.Sum(s => s.Seconds);
        var embedding = contents / quiet.Steps.Single(s => s.Step == "shadow_embed").Seconds;
        var (pixels, pixelNote) = PixelRate(context);
        return new BenchReport(
            $"{contents:N0} contents, features of {model.Backbone.Spec.FeatureDim:N0} values, products of "
                + $"{NightCatalogue.PicturesPerProduct} pictures with global keys, embeddings of 256 values"
                + (HasTraffic ? $"; {Traffic:N0} arrivals a measurement of live traffic" : ""),
            [
                new Figure("a night, from the training set to the activated model", seconds, "s")
                {
                    Goal = HasTraffic ? "< 900 at 100,000" : "< 3600 at 1,000,000", Met = seconds < (HasTraffic ? 900 : 3_600),
                },
                .. meter.Steps(quiet.Steps),
                new Figure("the Trainer's most resident memory", trainerMb, "MB") { Goal = "< 6000", Met = trainerMb < 6_000 },
                new Figure("the Matcher's most resident memory", matcherMb, "MB"),
                .. meter.Whole(),
                .. rows,
                .. processors.Where(p => p.Value >= 1).Select(p => new Figure($"processor time of {p.Key}", p.Value, "core-s")),
                new Figure("F1 on the test classes, active model", quiet.ActiveF1, ""),
                new Figure("F1 on the test classes, new model", quiet.F1, ""),
                new Figure("embedding from stored features", embedding, "contents/s"),
                .. pixels is { } rate
                    ? (Figure[])[new Figure("embedding from pixels, bare loop (baseline)", rate, "contents/s"),
                        new Figure("from features / from pixels", embedding / rate, "") { Goal = ">= 20", Met = embedding / rate >= 20 }]
                    : [],
                .. traffic,
            ],
            [
                "The catalogue is an easy one, so that its F1 says only that training went well: the active model's head is random.",
                "Before the night every content is a group of its own, which is what the first head makes of them; it is written, not "
                    + "computed. So nearly every content changes its group at the activation.",
                "In brackets: what was written ahead and by how much the database grew during the step, and the most memory of each "
                    + "process.",
                .. joiner is null
                    ? (string[])[] : ["Matcher and joiner, a Matcher that only joins, take one thread each for the join."],
                .. HasTraffic
                    ? (string[])["Live traffic: contents whose feature is stored, told of by ContentStored; the Embedder applies the heads "
                        + "of the serving models, the Matcher groups. All of them were matched in the end."] : [],
                pixelNote,
            ]);
    }

    private static async Task<List<Figure>> TrafficAsync(
        BenchContext context, BenchServers servers, ServiceProcess trainer, Live traffic, CancellationToken cancellationToken)
    {
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
        string Took((double Rate, TimeSpan Took)? run) =>
            string.Create(CultureInfo.InvariantCulture, $"{run?.Took.TotalSeconds ?? 0:0.0} s, a step may have ended before");
        return
        [
            new Figure("live traffic alone (baseline)", before, "contents/s"),
            new Figure($"live traffic while training / baseline ({Took(training)})", (training?.Rate ?? double.NaN) / before, "")
            {
                Goal = ">= 0.8", Met = training?.Rate / before >= .8,
            },
            new Figure($"live traffic from backfill to activation / baseline ({Took(handing)})", (handing?.Rate ?? double.NaN) / before, "")
            {
                Goal = ">= 0.8", Met = handing?.Rate / before >= .8,
            },
        ];
    }

    // How many rows the night wrote, and what they take.
    private static async Task<List<Figure>> RowsAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        foreach (var (name, sql) in new[]
        {
            ("pairs kept", "select count(*) from cpf.matches"),
            ("events of the activation", "select count(*) from cpf.group_events"),
            ("groups of several", "select count(*) from cpf.groups"),
            ("dead rows that no vacuum took yet", "select coalesce(sum(n_dead_tup), 0)::bigint from pg_stat_user_tables"),
            ("runs of autovacuum", "select coalesce(sum(autovacuum_count), 0)::bigint from pg_stat_user_tables"),
        })
        {
            figures.Add(new Figure(name, await servers.ScalarAsync<long>(sql, cancellationToken), "rows"));
        }

        foreach (var (name, pattern) in new[]
        {
            ("features, with what lies outside of the table", "features_b%"), ("embeddings of both heads, with indexes", "embeddings_h%"),
            ("pairs, with indexes", "matches%"), ("events, with indexes", "group_events%"), ("members, with indexes", "group_members%"),
        })
        {
            figures.Add(new Figure(
                $"disk: {name}", await servers.ScalarAsync<long>(
                    $"""
                    select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint from pg_class
                    where relnamespace = 'cpf'::regnamespace and relkind = 'r' and relname like '{pattern}'
                    """, cancellationToken) / 1e6, "MB"));
        }

        return figures;
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
