using System.Globalization;
using System.Diagnostics;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Tests.Benchmarks.Running;

namespace CpfPipeline.Tests.Benchmarks.Matching;

/// <summary>
/// The exact all-pairs join: its fastest kernel against plain float32 blocks and against pgvector on the same rows, and how it grows.
/// </summary>
internal sealed class JoinBench : IPipelineBench
{
    private const int Threads = 2;
    private const int Rows = 100_000;
    private const int Rounds = 3;
    private const int Searches = 5_000;
    private const int EfSearch = 100;
    private static readonly int[] Sizes = [25_000, 50_000, 100_000, 200_000, 300_000];

    public string Name => "join";

    public string Summary => "exact all-pairs join of up to 300,000 x 256 against float32 blocks and pgvector";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        Grow(context, figures, cancellationToken);
        var rows = ClusteredRows.Make(Rows, 1);
        var (exact, seconds) = Compare(context, rows, figures, cancellationToken);
        await PgvectorAsync(context, rows, exact, seconds, figures, cancellationToken);
        return new BenchReport(
            $"random unit rows of {ClusteredRows.Dimension} halves, of every ten three a cluster, self join at {ClusteredRows.Tau}, "
                + $"{Threads} threads, kernel {new BlockJoin(rows, ClusteredRows.Tau).Kernel}",
            figures,
            [
                $"Float32 and the fastest kernel take turns, {Rounds} rounds each; the pairs are compared and equal. Ratios are of pairs "
                    + "of neighbouring runs. Ratios of processor time are what other load on the machine disturbs least.",
                "Peak memory is that of the whole process so far, sizes rising, the rows included.",
                $"pgvector: HNSW on halfvec with the default m 16 and ef_construction 64, two workers; {Searches:N0} random rows searched "
                    + $"one by one at ef_search {EfSearch} on two connections, NOT all {Rows:N0}: their time is scaled up by "
                    + $"{Rows / Searches}. Filling the table is not in it. The join's side includes reading all rows out of the same "
                    + "table.",
            ]);
    }

    private static void Grow(BenchContext context, List<Figure> figures, CancellationToken cancellationToken)
    {
        foreach (var size in Sizes)
        {
            var rows = ClusteredRows.Make(size, 1);
            var join = MeasuredJoin.Run(rows, PairKernel.Fastest, Threads, cancellationToken);
            using var process = Process.GetCurrentProcess();
            var memory = process.PeakWorkingSet64 / 1e9;
            context.Say(FormattableString.Invariant(
                $"{size} rows: {join.Seconds:0.00} s, {join.CoreSeconds:0.00} core-s, {memory:0.00} GB, {join.Pairs.Count} pairs"));
            figures.Add(new Figure($"{size:N0} rows, fastest kernel", join.Seconds, "s"));
            figures.Add(new Figure($"{size:N0} rows, processor time", join.CoreSeconds, "core-s"));
            var peak = new Figure($"{size:N0} rows, peak memory", memory, "GB");
            figures.Add(size == Sizes[^1] ? peak.Below(4) : peak);
        }
    }

    private static (HashSet<(long, long)> Pairs, double Seconds) Compare(
        BenchContext context, EmbeddingMatrix rows, List<Figure> figures, CancellationToken cancellationToken)
    {
        var (plain, fast) = (new List<MeasuredJoin>(), new List<MeasuredJoin>());
        for (var round = 0; round < Rounds; round++)
        {
            plain.Add(MeasuredJoin.Run(rows, PairKernel.Float32, Threads, cancellationToken));
            fast.Add(MeasuredJoin.Run(rows, PairKernel.Fastest, Threads, cancellationToken));
            var (slow, quick) = (plain[^1], fast[^1]);
            context.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round}: float32 {slow.Seconds:0.00} s, {slow.CoreSeconds:0.00} core-s; "
                + $"fastest {quick.Seconds:0.00} s, {quick.CoreSeconds:0.00} core-s"));
            if (!plain[^1].Pairs.SetEquals(fast[^1].Pairs))
            {
                throw new InvalidOperationException($"the kernels differ: {plain[^1].Pairs.Count} and {fast[^1].Pairs.Count} pairs");
            }
        }

        figures.Add(Figure.Of($"{Rows:N0} rows, float32 blocks (baseline)", [.. plain.Select(p => p.Seconds)], "s"));
        figures.Add(Figure.Of($"{Rows:N0} rows, fastest kernel", [.. fast.Select(p => p.Seconds)], "s"));
        figures.Add(
            Figure.Of("times as fast as float32, by the clock", [.. plain.Zip(fast, (p, f) => p.Seconds / f.Seconds)], "").AtLeast(2));
        figures.Add(Figure.Of("times as fast as float32, processor time", [.. plain.Zip(fast, (p, f) => p.CoreSeconds / f.CoreSeconds)], "")
            .AtLeast(2));
        figures.Add(new Figure("pairs", fast[0].Pairs.Count, "pairs"));
        return (fast[0].Pairs, fast.Select(f => f.Seconds).Order().ElementAt(Rounds / 2));
    }

    private static async Task PgvectorAsync(
        BenchContext context, EmbeddingMatrix rows, HashSet<(long, long)> exact, double joinSeconds, List<Figure> figures,
        CancellationToken cancellationToken)
    {
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var table = new VectorTable(servers, rows);
        await table.FillAsync(cancellationToken);
        await table.ReadAsync(cancellationToken); // Warms up.
        var read = await table.ReadAsync(cancellationToken);
        var build = await table.IndexAsync(16, 64, cancellationToken);
        context.Say(FormattableString.Invariant($"read {read:0.00} s, index {build:0.0} s"));
        var searched = VectorTable.Sample(rows.Count, Searches, 2);
        await table.SearchAsync(searched[..200], EfSearch, 20, cancellationToken); // Warms up.
        var (seconds, found) = await table.SearchAsync(searched, EfSearch, 20, cancellationToken);
        var all = seconds * Rows / Searches;
        context.Say(FormattableString.Invariant($"{Searches} searches {seconds:0.0} s"));
        figures.Add(new Figure("pgvector, index build", build, "s"));
        figures.Add(new Figure($"pgvector, {Searches:N0} searches measured", seconds, "s"));
        figures.Add(new Figure($"pgvector, {Rows:N0} searches (scaled up)", all, "s"));
        figures.Add(new Figure("pgvector, recall of the exact pairs", VectorTable.Recall(searched, found, exact), ""));
        figures.Add(new Figure("reading all rows out of Postgres", read, "s"));
        figures.Add(
            new Figure("times as fast as pgvector, build and searches, rows read", (build + all) / (joinSeconds + read), "").AtLeast(10));
        figures.Add(new Figure("times as fast as pgvector's searches alone, rows read", all / (joinSeconds + read), ""));
    }
}
