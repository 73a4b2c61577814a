namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>Some of many, so that a page stays small.</summary>
internal static class Sample
{
    /// <summary>At most <paramref name="most"/> positions of <paramref name="count"/>, evenly spaced, first and last included.</summary>
    public static IEnumerable<int> Evenly(int count, int most) =>
        count <= most ? Enumerable.Range(0, count) : Enumerable.Range(0, most).Select(i => (int)((long)i * (count - 1) / Math.Max(1, most - 1)));
}
