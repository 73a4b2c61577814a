namespace CpfPipeline.Cli.Demo;

/// <summary>
/// Quality of a grouping over all unordered pairs of images. A pair is a <em>copy pair</em> when both come from one original picture, a
/// <em>key pair</em> when they show one product but come from different originals, and wrong together otherwise. Each kind is judged
/// against the same wrong pairs and without the other kind: finding more than copies is no fault.
/// </summary>
/// <param name="Copies">Copy pairs.</param>
/// <param name="Keys">Key pairs.</param>
/// <param name="Both">Pairs of one product of either kind.</param>
internal sealed record PairwiseScore(PairScore Copies, PairScore Keys, PairScore Both)
{
    /// <summary>Counts pairs through the contingency tables of groups, products and originals: linear in the images.</summary>
    /// <param name="images">All of them.</param>
    /// <param name="isCounted">Products whose pairs are to be found; null: all. A wrong pair counts when either image shows one of
    /// them.</param>
    public static PairwiseScore Of(IEnumerable<GroupedImage> images, Func<string, bool>? isCounted = null)
    {
        Dictionary<string, long> byKey = new(StringComparer.Ordinal);
        Dictionary<(string, string), long> byOriginal = [];
        Dictionary<long, long> byGroup = [];
        Dictionary<long, long> othersByGroup = [];
        Dictionary<(long, string), long> byGroupAndKey = [];
        Dictionary<(long, string, string), long> byGroupAndOriginal = [];
        foreach (var image in images)
        {
            if (isCounted?.Invoke(image.ProductKey) == false)
            {
                if (image.Group is { } others)
                {
                    Count(byGroup, others);
                    Count(othersByGroup, others);
                }

                continue;
            }

            Count(byKey, image.ProductKey);
            Count(byOriginal, (image.ProductKey, image.Original));
            if (image.Group is { } group)
            {
                Count(byGroup, group);
                Count(byGroupAndKey, (group, image.ProductKey));
                Count(byGroupAndOriginal, (group, image.ProductKey, image.Original));
            }
        }

        var (wantedBoth, wantedCopies) = (Pairs(byKey), Pairs(byOriginal));
        var (foundBoth, foundCopies) = (Pairs(byGroupAndKey), Pairs(byGroupAndOriginal));
        var wrong = Pairs(byGroup) - Pairs(othersByGroup) - foundBoth;
        return new(
            new(wantedCopies, foundCopies, wrong),
            new(wantedBoth - wantedCopies, foundBoth - foundCopies, wrong),
            new(wantedBoth, foundBoth, wrong));
    }

    private static void Count<T>(Dictionary<T, long> counts, T key)
        where T : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;

    private static long Pairs<T>(Dictionary<T, long> counts)
        where T : notnull => counts.Values.Sum(n => n * (n - 1) / 2);
}
