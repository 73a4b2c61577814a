namespace CpfPipeline.Nights.Drift;

/// <summary>
/// Population stability index, the symmetric relative entropy of two histograms: sum of (p - q) ln(p / q). Customary levels (Siddiqi,
/// Credit Risk Scorecards, 2006): below 0.1 no change worth a look, from 0.25 a shift.
/// </summary>
internal static class PopulationStability
{
    /// <summary>From here on it is an alarm.</summary>
    public const double AlarmLevel = .25;

    /// <summary>
    /// Contents that each side needs. With ten groups, the index of two samples of the same distribution averages 9 (1/n + 1/m): 0.18 for a
    /// hundred each, 0.09 for two hundred each.
    /// </summary>
    public const int MinContents = 200;

    // Deciles of the reference.
    private const int Groups = 10;

    /// <param name="reference">Counts by bin.</param>
    /// <param name="observed">Counts by the same bins.</param>
    /// <returns>Null when either holds too few.</returns>
    public static double? Index(IReadOnlyList<long> reference, IReadOnlyList<long> observed)
    {
        var (all, seen) = (reference.Sum(), observed.Sum());
        if (all < MinContents || seen < MinContents)
        {
            return null;
        }

        var groups = Merge(reference, observed, (double)all / Groups);
        return groups.Sum(g =>
        {
            // Half a content is added, so that an empty group stays finite.
            var (p, q) = ((g.Observed + .5) / (seen + (.5 * groups.Count)), (g.Reference + .5) / (all + (.5 * groups.Count)));
            return (p - q) * Math.Log(p / q);
        });
    }

    private static List<(long Reference, long Observed)> Merge(IReadOnlyList<long> reference, IReadOnlyList<long> observed, double least)
    {
        var (groups, r, o) = (new List<(long Reference, long Observed)>(), 0L, 0L);
        for (var i = 0; i < reference.Count; i++)
        {
            (r, o) = (r + reference[i], o + observed[i]);
            if (r >= least)
            {
                groups.Add((r, o));
                (r, o) = (0, 0);
            }
        }

        // The rest joins the last group: alone it would be too small to be meaningful.
        if (groups.Count > 0)
        {
            groups[^1] = (groups[^1].Reference + r, groups[^1].Observed + o);
        }

        return groups;
    }
}
