using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;
using NpgsqlTypes;
using Pgvector;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// The real Matcher over a growing catalogue with a giant component: a backlog matched from nothing, arrivals as the Embedder tells of them
/// (index insert, search, grouping, events), and verdicts within a component of 100.
/// </summary>
/// <param name="stored">Contents at the start.</param>
/// <param name="giant">How many of them are one component.</param>
/// <param name="name">What the benchmark is called.</param>
internal sealed class MatchingBench(int stored, int giant, string name) : IPipelineBench
{
    private const int UsualGiant = 20_000;
    private const int MaxMemoryMb = 4_000;
    private const int Arrivals = 4_000;
    private const int MessageContents = 32;
    private const int Reviewed = 100;
    private const int Verdicts = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>100,000 to 1,000,000 stored, and a giant component of 100,000.</summary>
    public static IReadOnlyList<IPipelineBench> All { get; } =
    [
        new MatchingBench(100_000, UsualGiant, "matching-100k"), new MatchingBench(300_000, UsualGiant, "matching-300k"),
        new MatchingBench(1_000_000, UsualGiant, "matching-1m"), new MatchingBench(120_000, 100_000, "matching-giant"),
    ];

    public string Name => name;

    public string Summary =>
        $"backlog, arrivals and verdicts over {stored:N0} x {BenchModel.EmbeddingDim} with a giant component of {giant:N0}";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var blobs = Path.Combine(context.Work, "blobs");
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var (_, headId) = await BenchModel.Pixels(TinyPng.Side)
            .RegisterAsync(new ModelStore(servers.DataSource), new FolderBlobStore(blobs), CatalogueVectors.Threshold, cancellationToken);
        var vectors = new CatalogueVectors(1);
        var catalogue = Enumerable.Range(0, stored)
            .Select(i => (Content: Named(i), Vector: i < giant ? vectors.Giant() : vectors.Picture())).ToArray();
        await Seed.ContentsAsync(servers.DataSource, [.. catalogue.Select(c => c.Content)], cancellationToken);
        await using var matcher = await ServiceProcess.StartAsync(context, "Matcher", servers, blobs, null, cancellationToken);
        await StoreAsync(servers, headId, catalogue, cancellationToken);

        var start = Stopwatch.GetTimestamp();
        await ReconcileAsync(matcher, cancellationToken);
        var backlog = stored / Stopwatch.GetElapsedTime(start).TotalSeconds;
        context.Say(string.Create(CultureInfo.InvariantCulture, $"backlog: {backlog:0} contents/s"));
        await SettledAsync(servers, cancellationToken);
        var settled = Stopwatch.GetElapsedTime(start).TotalSeconds;

        // Building it is the Matcher's decision; a catalogue has it by the time that single arrivals matter.
        var index = await BuildIndexAsync(servers, headId, cancellationToken);
        context.Say(string.Create(CultureInfo.InvariantCulture, $"index: {index[0].Value:0} s"));
        var (bare, online, cpu) = await MeasureArrivalsAsync(context, servers, matcher, headId, vectors, cancellationToken);
        await SettledAsync(servers, cancellationToken);
        var vacuum = await VacuumAsync(servers, cancellationToken);
        var (verdicts, changed) = await MeasureVerdictsAsync(servers, matcher, headId, vectors, cancellationToken);
        return new BenchReport(
            $"{stored:N0} contents of {BenchModel.EmbeddingDim} values, {giant:N0} of them in one component; {Arrivals:N0} arrivals, of "
                + $"which one in 100 belongs to that; {changed} verdicts within {Reviewed} pictures of one product",
            [
                new Figure("backlog, from request to reconciled", backlog, "contents/s") { Goal = ">= 1000", Met = backlog >= 1000 },
                new Figure("backlog and giant regrouped in the background", settled, "s"),
                new Figure("arrivals, from the first embedding stored to the last matched", online,
                    "contents/s") { Goal = ">= 200 at 100,000", Met = online >= 200 },
                new Figure("the same embeddings stored in the indexed table, nothing else (baseline)", bare, "contents/s"),
                new Figure("arrivals / baseline", online / bare, ""),
                new Figure("the Matcher's processor time an arrival", cpu, "ms"),
                .. index,
                .. vacuum,
                new Figure("verdict, request to answer, median", Percentile(verdicts, .5), "ms"),
                new Figure("verdict, request to answer, p99", Percentile(verdicts, .99), "ms") { Goal = "< 100",
                    Met = Percentile(verdicts, .99) < 100 },
                new Figure("the Matcher's most resident memory", matcher.PeakResidentMb, "MB") { Goal = $"< {MaxMemoryMb:N0}",
                    Met = matcher.PeakResidentMb < MaxMemoryMb },
            ],
            [
                "Backlog: everything embedded and nothing matched, then POST /reconcile: joins in chunks, groups, events, exact reconcile.",
                $"Arrivals: embeddings written {MessageContents} at a time into the table with its HNSW index, each told of by a message, "
                    + "as the Embedder does.",
                "The vector index is built before the arrivals, outside of what is measured.",
                "Vacuum: after the arrivals, by hand, of all tables; dead rows are those that autovacuum had left by then.",
            ]);
    }

    private static async Task<List<Figure>> BuildIndexAsync(BenchServers servers, long headId, CancellationToken cancellationToken)
    {
        var before = ProcessMemory.OfPostgresMb(servers.PostgresPid);
        var (start, most) = (Stopwatch.GetTimestamp(), before);

        // The Matcher may have begun by itself: then this waits for it.
        var built = servers.ExecuteAsync($"select cpf.create_embedding_index({headId})", cancellationToken);
        while (await Task.WhenAny(built, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken)) != built)
        {
            most = Math.Max(most, ProcessMemory.OfPostgresMb(servers.PostgresPid));
        }

        await built;
        var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await servers.ExecuteAsync("analyze cpf.embeddings; analyze cpf.group_members", cancellationToken);
        return
        [
            new Figure("building the vector index", took, "s"),
            new Figure("memory of Postgres while it is built, above that before", most - before, "MB"),
            new Figure("the same, as the server computes beforehand", await servers.ScalarAsync<int>(
                $"select cpf.embedding_index_megabytes({headId})", cancellationToken) * 1.048576, "MB"),
            new Figure("the vector index on disk", await servers.ScalarAsync<long>(
                $"select pg_relation_size('cpf.embeddings_h{headId}_hnsw')", cancellationToken) / 1e6, "MB"),
        ];
    }

    private static async Task<List<Figure>> VacuumAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        var text = await servers.ScalarAsync<string>(
            """
            select sum(n_live_tup) || ' ' || sum(n_dead_tup) || ' ' || sum(autovacuum_count) || ' ' || pg_database_size(current_database())
            from pg_stat_user_tables where schemaname = 'cpf'
            """, cancellationToken);
        var numbers = Array.ConvertAll(text.Split(' '), n => double.Parse(n, CultureInfo.InvariantCulture));
        var start = Stopwatch.GetTimestamp();
        await servers.ExecuteAsync("vacuum", cancellationToken);
        return
        [
            new Figure("rows of all tables", numbers[0], ""),
            new Figure("dead rows before a vacuum", numbers[1], ""),
            new Figure("tables that autovacuum had gone through", numbers[2], ""),
            new Figure("a vacuum of all tables, indexes included", Stopwatch.GetElapsedTime(start).TotalSeconds, "s"),
            new Figure("the database on disk", numbers[3] / 1e6, "MB"),
        ];
    }

    private static async Task<(double Bare, double Online, double CpuMs)> MeasureArrivalsAsync(
        BenchContext context, BenchServers servers, ServiceProcess matcher, long headId, CatalogueVectors vectors,
        CancellationToken cancellationToken)
    {
        (Content Content, Half[] Vector)[] Make(int first) =>
            [.. Enumerable.Range(0, Arrivals).Select(i => (Named(first + i), i % 100 == 0 ? vectors.Giant() : vectors.Picture()))];

        // The baseline's contents have no image: they are not live, and the Matcher ignores them.
        var stranger = Make(20_000_000);
        var start = Stopwatch.GetTimestamp();
        foreach (var chunk in stranger.Chunk(MessageContents))
        {
            await StoreAsync(servers, headId, chunk, cancellationToken);
        }

        var bare = Arrivals / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await servers.ExecuteAsync(
            """
            delete from cpf.embeddings e where not exists (select from cpf.contents c where c.content_id = e.content_id)
            """, cancellationToken);
        context.Say(string.Create(CultureInfo.InvariantCulture, $"bare: {bare:0} contents/s"));

        var arrivals = Make(10_000_000);
        await Seed.ContentsAsync(servers.DataSource, [.. arrivals.Select(c => c.Content)], cancellationToken);
        await using var publisher = await Publisher.StartAsync(servers.RabbitMq, cancellationToken);
        var before = await MembersAsync(servers, cancellationToken);
        var cpu = matcher.Cpu;
        start = Stopwatch.GetTimestamp();
        foreach (var chunk in arrivals.Chunk(MessageContents))
        {
            await StoreAsync(servers, headId, chunk, cancellationToken);
            await publisher.PublishAsync(
                [new ContentsEmbedded { HeadId = headId, ContentIds = [.. chunk.Select(c => c.Content.ContentId)] }], cancellationToken);
        }

        await Until.TrueAsync(async token =>
            await MembersAsync(servers, token) == before + Arrivals, Pause, Patience, "every arrival is matched", cancellationToken);
        var online = Arrivals / Stopwatch.GetElapsedTime(start).TotalSeconds;
        context.Say(string.Create(CultureInfo.InvariantCulture, $"arrivals: {online:0} contents/s"));
        return (bare, online, (matcher.Cpu - cpu).TotalMilliseconds / Arrivals);
    }

    private static async Task<(List<double> Milliseconds, int Count)> MeasureVerdictsAsync(
        BenchServers servers, ServiceProcess matcher, long headId, CatalogueVectors vectors, CancellationToken cancellationToken)
    {
        var product = vectors.Product(Reviewed).Select((v, i) => (Content: Named(30_000_000 + i), Vector: v)).ToArray();
        await Seed.ContentsAsync(servers.DataSource, [.. product.Select(c => c.Content)], cancellationToken);
        await StoreAsync(servers, headId, product, cancellationToken);
        await ReconcileAsync(matcher, cancellationToken);
        await SettledAsync(servers, cancellationToken);
        var component = await servers.ScalarAsync<long>(
            $"""
            select count(*) from cpf.group_members where component_id = (select component_id from cpf.group_members
                where content_id = {product[0].Content.ContentId})
            """, cancellationToken);
        if (component != Reviewed)
        {
            throw new InvalidOperationException($"the component has {component} contents instead of {Reviewed}");
        }

        var times = new List<double>();
        var random = new Random(2);
        for (var i = 0; i < Verdicts; i++)
        {
            var (a, b) = (random.Next(Reviewed), random.Next(Reviewed - 1));
            object Name(int picture) => new { content = Convert.ToHexStringLower(product[picture].Content.Sha256) };
            foreach (var verdict in new[] { "different", "withdrawn" })
            {
                var start = Stopwatch.GetTimestamp();
                using var answer = await matcher.Http.PostAsJsonAsync(
                    "/verdicts", new { a = Name(a), b = Name(b >= a ? b + 1 : b), verdict, who = "bench" }, cancellationToken);
                answer.EnsureSuccessStatusCode();
                if (i >= 10)
                {
                    times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds); // The first ones warm up.
                }
            }
        }

        return (times, times.Count);
    }

    private static Content Named(int number) => Content.Of(BitConverter.GetBytes(number), "png", 8, 8);

    private static double Percentile(List<double> values, double share) =>
        values.Order().ElementAt((int)Math.Min(values.Count - 1, share * values.Count));

    private static async Task ReconcileAsync(ServiceProcess matcher, CancellationToken cancellationToken)
    {
        using var response = await matcher.Http.PostAsync("/reconcile", content: null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private static Task SettledAsync(BenchServers servers, CancellationToken cancellationToken) => Until.TrueAsync(
        async token =>
            await servers.ScalarAsync<bool>("select not exists (select from cpf.group_members where pending or not reconciled)", token),
        TimeSpan.FromMilliseconds(250), Patience, "nothing is pending", cancellationToken);

    private static Task<long> MembersAsync(BenchServers servers, CancellationToken cancellationToken) =>
        servers.ScalarAsync<long>("select count(*) from cpf.group_members", cancellationToken);

    private static async Task StoreAsync(
        BenchServers servers, long headId, IReadOnlyCollection<(Content Content, Half[] Vector)> contents,
        CancellationToken cancellationToken)
    {
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        await using var writer = await connection.BeginBinaryImportAsync(
            "copy cpf.embeddings (head_id, content_id, embedding) from stdin (format binary)", cancellationToken);
        writer.Timeout = TimeSpan.Zero;
        foreach (var (content, vector) in contents)
        {
            await writer.StartRowAsync(cancellationToken);
            await writer.WriteAsync(headId, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(content.ContentId, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(new HalfVector(vector), cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
    }
}
