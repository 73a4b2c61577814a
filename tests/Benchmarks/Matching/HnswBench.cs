using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Tests.Benchmarks.Running;

namespace CpfPipeline.Tests.Benchmarks.Matching;

/// <summary>What pgvector's settings cost and find: from this table defaults are chosen.</summary>
internal sealed class HnswBench : IPipelineBench
{
    private const int Rows = 50_000;
    private const int Searches = 1_000;
    private const int Nearest = 10;

    public string Name => "hnsw";

    public string Summary => "recall against time of pgvector's m, ef_construction and ef_search on 50,000 x 256";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = ClusteredRows.Make(Rows, 1);
        var pairs = MeasuredJoin.Run(rows, PairKernel.Fastest, 0, cancellationToken).Pairs;
        var searched = VectorTable.Sample(Rows, Searches, 2);
        var nearest = NearestOf(rows, searched, cancellationToken);
        var figures = new List<Figure>();
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var table = new VectorTable(servers, rows);
        await table.FillAsync(cancellationToken);
        foreach (var (m, efConstruction) in new[] { (8, 64), (8, 128), (16, 64), (16, 128), (32, 64), (32, 128) })
        {
            var build = await table.IndexAsync(m, efConstruction, cancellationToken);
            figures.Add(new Figure($"m {m}, ef_construction {efConstruction}: index build", build, "s"));
            await table.SearchAsync(searched[..200], 40, 20, cancellationToken); // Warms up.
            foreach (var efSearch in new[] { 40, 100, 200 })
            {
                var (seconds, found) = await table.SearchAsync(searched, efSearch, 20, cancellationToken);
                var recall = VectorTable.Recall(searched, found, pairs);
                var near = Enumerable.Range(0, Searches).Average(i => nearest[i].Count(id => found[i].Contains(id)) / (double)Nearest);
                var name = $"m {m}, ef_construction {efConstruction}, ef_search {efSearch}";
                figures.Add(new Figure($"{name}: searches", Searches / seconds, "1/s"));
                figures.Add(new Figure($"{name}: recall of the pairs", recall, ""));
                figures.Add(new Figure($"{name}: recall of the {Nearest} nearest", near, ""));
                context.Say(FormattableString.Invariant(
                    $"{name}: build {build:0.0} s, {Searches / seconds:0} searches/s, pairs {recall:0.0000}, nearest {near:0.000}"));
            }
        }

        return new BenchReport(
            $"{Rows:N0} random unit rows of {ClusteredRows.Dimension} halves, of every ten three a cluster; {Searches:N0} random rows "
                + "searched on two connections, 20 rows asked for",
            figures,
            [
                $"Recall of the pairs: of the exact pairs at {ClusteredRows.Tau} and above, which is what matching needs. Recall of the "
                    + $"{Nearest} nearest: most of those are unrelated rows in all directions, the hardest case there is.",
                "One index build a setting, two workers, maintenance_work_mem 2 GB.",
                "Settings are measured one after the other: while other work takes the processors, as when the load before was far above "
                    + "0, their times and rates compare only roughly, recalls do not suffer.",
            ]);
    }

    private static long[][] NearestOf(EmbeddingMatrix rows, int[] searched, CancellationToken cancellationToken)
    {
        var left = new EmbeddingMatrix(ClusteredRows.Dimension, searched.Length);
        foreach (var row in searched)
        {
            left.Add(rows.ContentId(row), rows.Row(row));
        }

        var nearest = new NearestNeighbours(searched.Length, Nearest, -1);
        new BlockJoin(left, ClusteredRows.Tau, nearest).Accept(rows, (_, _, _) => { }, cancellationToken);
        return [.. Enumerable.Range(0, searched.Length).Select(i => nearest.Of(i).ToArray().Select(n => n.ContentId).ToArray())];
    }
}
