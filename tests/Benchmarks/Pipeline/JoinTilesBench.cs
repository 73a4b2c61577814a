using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// The groups of a shadow over a whole catalogue: joined by one Matcher alone, in tiles by the same one, in tiles by two processes; and
/// with simulated joiners, up to where the coordinator, Postgres and the broker cannot keep more of them busy.
/// </summary>
internal sealed class JoinTilesBench(int contents) : IPipelineBench
{
    private const int Usual = 120_000;
    private const int Rounds = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);
    private static readonly (int Joiners, int Tiles)[] Levels = [(4, 100), (16, 400), (64, 1_200), (256, 3_000)];

    /// <summary>The one that counts, and one of a minute to see whether it runs, where starting takes most of the time.</summary>
    public static IReadOnlyList<IPipelineBench> All { get; } = [new JoinTilesBench(Usual), new JoinTilesBench(6_000)];

    public string Name => contents == Usual ? "join-tiles" : $"join-tiles-{contents / 1000}k";

    public string Summary => $"the exact join of {contents:N0} x {BenchModel.EmbeddingDim} in tiles, by one, two and simulated processes";

    public bool OnlyWhenNamed => true;

    private int MeasuredRounds => contents == Usual ? Rounds : 1;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var blobs = Path.Combine(context.Work, "blobs");
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var catalogue = await TiledCatalogue.CreateAsync(servers, blobs, contents, cancellationToken);
        var (alone, one, two) = (new List<Run>(), new List<Run>(), new List<Run>());
        for (var round = 0; round < MeasuredRounds; round++)
        {
            alone.Add(await MeasureAsync(context, servers, catalogue, blobs, inTiles: false, joiners: 0, cancellationToken));
            one.Add(await MeasureAsync(context, servers, catalogue, blobs, inTiles: true, joiners: 0, cancellationToken));
            two.Add(await MeasureAsync(context, servers, catalogue, blobs, inTiles: true, joiners: 1, cancellationToken));
            if (one[^1].Checksums != alone[^1].Checksums || two[^1].Checksums != alone[^1].Checksums)
            {
                throw new InvalidOperationException("the three ways do not give the same groups and pairs");
            }
        }

        List<Figure> figures =
        [
            Figure.Of("one Matcher alone, request to groups written (baseline)", [.. alone.Select(r => r.Seconds)], "s"),
            Figure.Of("the same Matcher in tiles", [.. one.Select(r => r.Seconds)], "s"),
            WithGoal(Figure.Of(
                "speed of tiles against alone, neighbouring runs", [.. alone.Zip(one, (a, o) => a.Seconds / o.Seconds)], "")),
            Figure.Of("tiles of one process, plan to last tile written", [.. one.Select(r => r.Join)], "s"),
            Figure.Of("tiles of two processes, plan to last tile written", [.. two.Select(r => r.Join)], "s"),
            WithGoal(Figure.Of(
                "share of twice the speed, neighbouring runs", [.. one.Zip(two, (o, t) => o.Join / t.Join / 2)], "")),
            Figure.Of("two processes, request to groups written", [.. two.Select(r => r.Seconds)], "s"),
        ];
        figures.AddRange(await SaturateAsync(context, servers, catalogue, cancellationToken));
        return new BenchReport(
            $"{contents:N0} contents of {BenchModel.EmbeddingDim} values, products of three pictures on average; {MeasuredRounds} rounds "
                + "in turn",
            figures,
            [
                "Real Matcher processes with one thread for the join each, as by default on two processors; the second process of \"two\" "
                    + "does nothing but tiles. Groups, components and kept pairs of all runs are compared and equal.",
                "\"Plan to last tile written\" is told by the rows of the join; reading the catalogue and writing what is found are in it.",
                $"Simulated: a tile waits {Wait.TotalMilliseconds:0} ms in place of computing, returns {SimulatedJoiners.Edges:N0} edges "
                    + "and no pairs, over one connection to the broker; plan, messages, rows and coordinator are real, on the same two "
                    + "processors. A real tile also writes its pairs to keep, which this leaves out.",
            ]);
    }

    private static async Task<Run> MeasureAsync(
        BenchContext context, BenchServers servers, TiledCatalogue catalogue, string blobs, bool inTiles, int joiners,
        CancellationToken cancellationToken)
    {
        await catalogue.ForgetAsync(cancellationToken);
        var settings = new Dictionary<string, string>
        {
            ["Matcher__IndexAtContents"] = "1000000000", ["Matcher__TilesAtContents"] = inTiles ? "1" : "1000000000",
            ["Matcher__TileThreads"] = "1", ["Matcher__GalleryMegabytes"] = "0",
        };
        await using var matcher = await ServiceProcess.StartAsync(context, "Matcher", servers, blobs, settings, cancellationToken);
        await using var joiner = joiners == 0 ? null : await ServiceProcess.StartAsync(
            context, "Matcher", servers, blobs, new Dictionary<string, string>(settings) { ["Matcher__JoinsOnly"] = "true" },
            cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await catalogue.AskAsync(cancellationToken);
        var join = 0.0;
        await Until.TrueAsync(
            async token =>
            {
                join = Math.Max(join, await JoinSecondsAsync(servers, token));
                return await catalogue.IsGroupedAsync(token);
            }, Pause, Patience, "the shadow has its groups", cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var checksums = await catalogue.ChecksumsAsync(cancellationToken);
        context.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{(inTiles ? $"tiles, {1 + joiners} process(es)" : "alone")}: {seconds:0.0} s, of which tiles {join:0.0} s; "
            + $"{checksums.Pairs.Split(' ')[0]} pairs"));
        return new Run(seconds, join, checksums);
    }

    private static Task<double> JoinSecondsAsync(BenchServers servers, CancellationToken cancellationToken) =>
        servers.ScalarAsync<double>(
            """
            select coalesce(extract(epoch from max(t.done_at) - min(j.planned_at)), 0)::double precision
            from cpf.joins j join cpf.join_tiles t using (join_id)
            """, cancellationToken);

    private Figure WithGoal(Figure figure) => contents == Usual ? figure.AtLeast(0.9) : figure;

    private async Task<List<Figure>> SaturateAsync(
        BenchContext context, BenchServers servers, TiledCatalogue catalogue, CancellationToken cancellationToken)
    {
        await catalogue.ForgetAsync(cancellationToken);
        await catalogue.AskAsync(cancellationToken);
        var simulated = new SimulatedJoiners(servers, contents, catalogue.Shadow);
        var figures = new List<Figure>();
        foreach (var (joiners, tiles) in Levels.Take(contents == Usual ? Levels.Length : 2))
        {
            var run = await simulated.RunAsync(joiners, tiles, Wait, cancellationToken);
            var share = run.Tiles * Wait.TotalSeconds / joiners / run.Seconds;
            context.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{joiners} simulated joiners: {run.Tiles} tiles in {run.Seconds:0.0} s ({share:0.00} of ideal), united in "
                + $"{run.Unite:0.0} s"));
            figures.Add(new Figure($"{joiners} simulated joiners, tiles a second", run.Tiles / run.Seconds, "tiles/s"));
            figures.Add(new Figure($"{joiners} simulated joiners, share of their time at work", share, ""));
            figures.Add(new Figure($"uniting {run.Tiles:N0} tiles, embeddings read", run.Unite, "s"));
        }

        return figures;
    }

    private sealed record Run(double Seconds, double Join, (string Groups, string Pairs) Checksums);
}
