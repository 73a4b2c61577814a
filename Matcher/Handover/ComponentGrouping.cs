using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Matcher.Handover;

/// <summary>The groups of all contents, computed component by component.</summary>
internal sealed record ComponentGrouping(
    IReadOnlyList<GroupMember> Members, IReadOnlyList<GroupRow> Cohesion, IReadOnlyList<MergeRow> Merges)
{
    // A larger component keeps all threads busy by itself.
    private const int MaxSingleThreaded = 2_000;

    /// <summary>Agglomerates every component: the large ones one after the other, the others side by side.</summary>
    /// <param name="contents">All contents.</param>
    /// <param name="components">Their components, by row.</param>
    /// <param name="tau">The threshold.</param>
    /// <param name="verdicts">All verdicts.</param>
    /// <param name="maxThreads">Threads at most.</param>
    /// <param name="progress">Receives the share of contents that is done.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static ComponentGrouping Compute(
        EmbeddingMatrix contents, ConnectedComponents components, double tau, VerdictSet verdicts, int maxThreads, Action<double> progress,
        CancellationToken cancellationToken)
    {
        var gate = new Lock();
        var (members, cohesion, merges) = (new List<GroupMember>(contents.Count), new List<GroupRow>(), new List<MergeRow>());
        var byComponent = VerdictsByComponent(contents, components, verdicts);
        void Group(long componentId, List<int> rows, int threads)
        {
            var part = new EmbeddingMatrix(contents.Dimension, rows.Count);
            foreach (var row in rows)
            {
                part.Add(contents.ContentId(row), contents.Row(row));
            }

            var own = byComponent.TryGetValue(componentId, out var given) ? new VerdictSet(given) : VerdictSet.Empty;
            var regrouping = Regrouping.Compute(part, tau, own, connected: true, cancellationToken, threads);
            lock (gate)
            {
                members.AddRange(regrouping.Groups.Select(g => new GroupMember(g.Key, g.Value, componentId, false)));
                cohesion.AddRange(regrouping.Cohesion);
                merges.AddRange(regrouping.Merges);
                progress((double)members.Count / contents.Count);
            }
        }

        var all = components.Components();
        foreach (var (componentId, rows) in all.Where(c => c.Value.Count == 1))
        {
            members.Add(new GroupMember(componentId, componentId, componentId, false));
        }

        foreach (var (componentId, rows) in all.Where(c => c.Value.Count > MaxSingleThreaded))
        {
            Group(componentId, rows, maxThreads);
        }

        Parallel.ForEach(
            all.Where(c => c.Value.Count is > 1 and <= MaxSingleThreaded),
            new ParallelOptions { MaxDegreeOfParallelism = maxThreads, CancellationToken = cancellationToken },
            component => Group(component.Key, component.Value, threads: 1));
        return new ComponentGrouping(members, cohesion, merges);
    }

    private static Dictionary<long, List<Verdict>> VerdictsByComponent(
        EmbeddingMatrix contents, ConnectedComponents components, VerdictSet verdicts)
    {
        var byComponent = new Dictionary<long, List<Verdict>>();
        if (verdicts.All.Count == 0)
        {
            return byComponent;
        }

        var componentOf = new Dictionary<long, long>(contents.Count);
        for (var row = 0; row < contents.Count; row++)
        {
            componentOf.Add(contents.ContentId(row), components.ComponentId(row));
        }

        // A verdict between components, or on a content that is not live, changes nothing.
        foreach (var verdict in verdicts.All)
        {
            if (componentOf.TryGetValue(verdict.ContentA, out var a) && componentOf.TryGetValue(verdict.ContentB, out var b) && a == b)
            {
                if (!byComponent.TryGetValue(a, out var own))
                {
                    byComponent.Add(a, own = []);
                }

                own.Add(verdict);
            }
        }

        return byComponent;
    }
}
