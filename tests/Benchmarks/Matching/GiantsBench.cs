using System.Diagnostics;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Tests.Benchmarks.Running;

namespace CpfPipeline.Tests.Benchmarks.Matching;

/// <summary>
/// Groups of one large component: many searches at once against one after the other, an earlier result against none, and arrivals joined
/// with it.
/// </summary>
internal sealed class GiantsBench : IPipelineBench
{
    private const int Rounds = 3;
    private const int Arrivals = 2_000;
    private const int Kept = 200;
    private const int LargestCore = 50_000;
    private static readonly int[] Sizes = [2_000, 5_000, 10_000, 20_000];

    private readonly List<Figure> _figures = [];

    public string Name => "giants";

    public string Summary => "groups of components of 2,000 to 50,000 of five kinds, and of what a few arrivals change";

    public bool OnlyWhenNamed => true;

    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        foreach (var (kind, _, tau) in GiantVectors.Kinds)
        {
            foreach (var size in Sizes)
            {
                Group(context, kind, size, tau, cancellationToken);
            }

            Arrive(context, kind, Sizes[^1], tau, cancellationToken);
        }

        foreach (var size in Sizes)
        {
            Join(context, size, cancellationToken);
        }

        Grow(context, LargestCore, cancellationToken);
        return Task.FromResult(new BenchReport(
            $"components of {GiantVectors.Dimension} values: "
                + string.Join("; ", GiantVectors.Kinds.Select(kind => $"{kind.Kind}: {kind.Meaning}, threshold {kind.Tau}")),
            _figures,
            [
                $"Both ways take turns, {Rounds} rounds each, and their merges are compared and equal. Ratios are of neighbouring runs.",
                "One chain: one search among all active clusters at a time, as before there were many chains.",
                "Arrivals: a hundredth of the component comes and half as many leave, with the earlier result and without.",
                $"Join: {Arrivals:N0} arrivals with the component, the {Kept} most similar of each kept; the other way decides every pair "
                    + "that whole numbers of one byte leave open.",
            ]));
    }

    private void Group(BenchContext context, string kind, int size, double tau, CancellationToken cancellationToken)
    {
        var rows = GiantVectors.Make(kind, size, 1);
        Compare(
            context, $"{kind} {size:N0}, groups", "one chain",
            () => Cluster(rows, tau, new AgglomerationSettings { ActivePerChain = int.MaxValue }, null, cancellationToken).Merges,
            () => Cluster(rows, tau, new AgglomerationSettings(), null, cancellationToken).Merges);
    }

    private void Arrive(BenchContext context, string kind, int size, double tau, CancellationToken cancellationToken)
    {
        var rows = GiantVectors.Make(kind, size + (size / 100), 2);
        var earlier = Cluster(Part(rows, 0, size), tau, new AgglomerationSettings(), null, cancellationToken);
        var now = Part(rows, size / 200, rows.Count);
        Compare(
            context, $"{kind} {size:N0}, groups after {size / 100} arrivals", "without the earlier result",
            () => Cluster(now, tau, new AgglomerationSettings(), null, cancellationToken).Merges,
            () => Cluster(now, tau, new AgglomerationSettings(), earlier, cancellationToken).Merges);
    }

    private void Join(BenchContext context, int size, CancellationToken cancellationToken)
    {
        var rows = GiantVectors.Make("core", size + Arrivals, 3);
        var (left, right) = (Part(rows, 0, Arrivals), Part(rows, Arrivals, rows.Count));
        IReadOnlyList<Neighbour> Run(double maxWastedShare, KnownCore? core)
        {
            var nearest = new NearestNeighbours(left.Count, Kept, .8);
            new BlockJoin(left, .8, nearest, some => new Int8Prefilter(some, 0, maxWastedShare))
                .Accept(right, (_, _, _) => { }, (_, _) => true, core, cancellationToken);
            return [.. Enumerable.Range(0, left.Count).SelectMany(row => nearest.Of(row).ToArray())];
        }

        Compare(context, $"core {size:N0}, join of {Arrivals:N0}", "int8 only", () => Run(1, null),
            () => Run(Int8Prefilter.MaxWastedShare, new KnownCore(_ => true, _ => true)));
    }

    /// <summary>A core too large to compare: seconds and how they grow.</summary>
    private void Grow(BenchContext context, int size, CancellationToken cancellationToken)
    {
        var rows = GiantVectors.Make("core", size, 1);
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        Cluster(rows, .8, new AgglomerationSettings(), null, cancellationToken);
        Add(context, new Figure($"core {size:N0}, groups", Stopwatch.GetElapsedTime(start).TotalSeconds, "s"));
        Add(context, new Figure($"core {size:N0}, groups, processor time", (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, "core-s"));
    }

    private void Compare<T>(BenchContext context, string what, string baseline, Func<IReadOnlyList<T>> before, Func<IReadOnlyList<T>> now)
    {
        var (seconds, ratios, processor) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var (old, oldSeconds, oldCpu) = Measure(before);
            var (result, newSeconds, newCpu) = Measure(now);
            if (!old.SequenceEqual(result))
            {
                throw new InvalidOperationException($"{what}: the two ways differ");
            }

            seconds.Add(newSeconds);
            ratios.Add(oldSeconds / newSeconds);
            processor.Add(oldCpu / newCpu);
        }

        Add(context, Figure.Of(what, seconds, "s"));
        Add(context, Figure.Of($"{what}: times as fast as {baseline}, by the clock", ratios, ""));
        Add(context, Figure.Of($"{what}: the same, processor time", processor, ""));
    }

    private void Add(BenchContext context, Figure figure)
    {
        _figures.Add(figure);
        context.Say(FormattableString.Invariant($"{figure.Name}: {figure.Value:0.00} {figure.Unit}"));
    }

    private static (IReadOnlyList<T> Result, double Seconds, double CoreSeconds) Measure<T>(Func<IReadOnlyList<T>> run)
    {
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var result = run();
        return (result, Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    private static AgglomerationResult Cluster(
        EmbeddingMatrix rows, double tau, AgglomerationSettings settings, AgglomerationResult? earlier,
        CancellationToken cancellationToken) =>
        Agglomeration.Cluster(rows, tau, [], [], earlier, null, 0, settings, cancellationToken);

    private static EmbeddingMatrix Part(EmbeddingMatrix rows, int start, int end)
    {
        var part = new EmbeddingMatrix(rows.Dimension, end - start);
        for (var row = start; row < end; row++)
        {
            part.Add(rows.ContentId(row), rows.Row(row));
        }

        return part;
    }
}
