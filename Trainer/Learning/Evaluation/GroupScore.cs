using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// The match groups that the rows of a set form, as the Matcher forms them (average-linkage agglomeration of each connected component), and
/// B-cubed F1 of them (Bagga and Baldwin, 1998).
/// </summary>
/// <remarks>
/// Of a member: precision is the share of its group that has its class, recall the share of its class that lies in its group; F1 is the
/// harmonic mean of both means over members. Distractors lie in groups, as classes of one, and cost precision; they are not averaged over.
/// </remarks>
internal static class GroupScore
{
    // Larger components use all cores themselves.
    private const int MaxTogether = 512;

    /// <summary>B-cubed F1 at a threshold.</summary>
    /// <param name="set">Members and gallery.</param>
    /// <param name="threshold">tau of the groups.</param>
    /// <param name="components">At the same threshold, over the members, then the gallery.</param>
    /// <param name="progress">Receives the share of rows that are done; a component of n rows takes about n^2 D operations.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static double BcubedF1(
        EvaluationSet set, double threshold, ConnectedComponents components, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var parts = components.Components().Values.Where(part => part.Exists(i => i < set.Members.Count)).ToList();
        var sums = new (double Precision, double Recall)[parts.Count];
        var (gate, done, all) = (new Lock(), 0.0, Math.Max(1.0, parts.Sum(part => part.Count)));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, parts.Count, options, i =>
        {
            if (parts[i].Count <= MaxTogether)
            {
                sums[i] = Score(set, threshold, parts[i], null, 1, cancellationToken);
                Finish(parts[i]);
            }
        });
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Count > MaxTogether)
            {
                var (before, part) = (done, parts[i]);
                var within = progress is null ? null : new ShareProgress(share => progress.Report((before + (share * part.Count)) / all));
                sums[i] = Score(set, threshold, part, within, 0, cancellationToken);
                Finish(part);
            }
        }

        // In the order of the components, so that the last bit does not depend on which thread was first.
        var members = Math.Max(1, set.Members.Count);
        return Harmonic(sums.Sum(s => s.Precision) / members, sums.Sum(s => s.Recall) / members);

        void Finish(List<int> part)
        {
            lock (gate)
            {
                done += part.Count;
                progress?.Report(done / all);
            }
        }
    }

    /// <summary>B-cubed precision and recall of groups, summed over the members.</summary>
    /// <param name="groups">The classes of each group's rows, <see cref="EvaluationSet.NoClass"/> for distractors.</param>
    /// <param name="classSize">Members of a class.</param>
    internal static (double Precision, double Recall) Sums(IEnumerable<IReadOnlyCollection<int>> groups, Func<int, int> classSize)
    {
        var (precision, recall) = (0.0, 0.0);
        foreach (var group in groups)
        {
            foreach (var (c, count) in group.CountBy(c => c).Where(c => c.Key != EvaluationSet.NoClass).OrderBy(c => c.Key))
            {
                precision += (double)count * count / group.Count;
                recall += (double)count * count / classSize(c);
            }
        }

        return (precision, recall);
    }

    internal static double Harmonic(double precision, double recall) =>
        precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);

    private static (double Precision, double Recall) Score(
        EvaluationSet set, double threshold, List<int> part, IProgress<double>? progress, int maxThreads,
        CancellationToken cancellationToken)
    {
        int ClassOf(int index) => index < set.Members.Count ? set.Classes[index] : EvaluationSet.NoClass;
        int ClassSize(int c) => set.MembersByClass[c].Count;
        if (part.Count == 1)
        {
            return Sums([[ClassOf(part[0])]], ClassSize);
        }

        var rows = new EmbeddingMatrix(set.Members.Dimension, part.Count);
        foreach (var index in part)
        {
            var (from, row) = index < set.Members.Count ? (set.Members, index) : (set.Gallery, index - set.Members.Count);
            rows.Add(from.ContentId(row), from.Row(row));
        }

        var groups = Agglomeration.Cluster(rows, threshold, [], [], null, progress, maxThreads, cancellationToken).Groups;
        return Sums(
            Enumerable.Range(0, part.Count).GroupBy(i => groups[rows.ContentId(i)], i => ClassOf(part[i])).Select(g => g.ToList()),
            ClassSize);
    }

    private sealed class ShareProgress(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
