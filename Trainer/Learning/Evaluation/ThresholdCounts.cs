using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Learning.Evaluation;

/// <summary>What one threshold does to a set, counted exactly.</summary>
internal sealed class ThresholdCounts
{
    /// <summary>Pairs kept for a person to look at, of each kind.</summary>
    public const int PairsShown = 24;

    private ThresholdCounts(EvaluationSet set)
    {
        Pairs = new ClassPairCounts(set);
        TruePositives = new long[set.MembersByClass.Count];
        FalsePositives = new long[set.MembersByClass.Count];
        Components = new ConnectedComponents(set.Members.ContentIds);
        foreach (var id in set.Gallery.ContentIds)
        {
            Components.Add(id);
        }
    }

    public ClassPairCounts Pairs { get; }

    /// <summary>Pairs of each class at or above the threshold.</summary>
    public long[] TruePositives { get; }

    /// <summary>Pairs of a member of each class with anything else at or above it; a pair of two classes counts in both.</summary>
    public long[] FalsePositives { get; }

    /// <summary>Pairs of two classes at or above the threshold, most similar first.</summary>
    public IReadOnlyList<ScoredPair> FalseMatches { get; private set; } = [];

    /// <summary>Pairs of one class below the threshold, least similar first.</summary>
    public IReadOnlyList<ScoredPair> Misses { get; private set; } = [];

    /// <summary>Over the members, then the gallery; pairs within the gallery connect too, as they do in a catalogue.</summary>
    public ConnectedComponents Components { get; }

    public double Precision => Share(Pairs.TruePositives, Pairs.TruePositives + Pairs.FalsePositives);

    public double Recall => Share(Pairs.TruePositives, Pairs.Positives);

    public double F1 => Share(2 * Pairs.TruePositives, Pairs.TruePositives + Pairs.FalsePositives + Pairs.Positives);

    public static ThresholdCounts Measure(EvaluationSet set, double threshold, CancellationToken cancellationToken = default)
    {
        var falseMatches = new WorstPairs(PairsShown, highest: true);
        var misses = new WorstPairs(PairsShown, highest: false);
        set.VisitPositives(
            () => new WorstPairs(PairsShown, highest: false), (local, _, a, b, similarity) =>
            {
                if (similarity < threshold)
                {
                    local.Offer(set.Members.ContentId(a), set.Members.ContentId(b), similarity);
                }
            },
            misses.Add, cancellationToken);

        var counts = new ThresholdCounts(set) { Misses = misses.Pairs };
        set.Join(threshold, (a, b, similarity) =>
        {
            counts.Components.Union(a, b);
            counts.AddMembers(set.Classes[a], set.Classes[b]);
            if (set.Classes[a] != set.Classes[b])
            {
                falseMatches.Offer(set.Members.ContentId(a), set.Members.ContentId(b), similarity);
            }
        }, (a, g, similarity) =>
        {
            counts.Components.Union(a, set.Members.Count + g);
            counts.FalsePositives[set.Classes[a]]++;
            counts.Pairs.AddGalleryFalsePositive(set.Classes[a]);
            falseMatches.Offer(set.Members.ContentId(a), set.Gallery.ContentId(g), similarity);
        }, cancellationToken);
        set.JoinGallery(threshold, (a, b) => counts.Components.Union(set.Members.Count + a, set.Members.Count + b), cancellationToken);
        for (var c = 0; c < counts.TruePositives.Length; c++)
        {
            counts.Pairs.AddTruePositives(c, counts.TruePositives[c]);
        }

        counts.FalseMatches = falseMatches.Pairs;
        return counts;
    }

    private void AddMembers(int a, int b)
    {
        if (a == b)
        {
            TruePositives[a]++;
            return;
        }

        FalsePositives[a]++;
        FalsePositives[b]++;
        Pairs.AddFalsePositive(a, b);
    }

    private static double Share(long part, long all) => all == 0 ? 0 : (double)part / all;
}
