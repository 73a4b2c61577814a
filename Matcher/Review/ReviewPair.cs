namespace CpfPipeline.Matcher.Review;

/// <summary>Two pictures that a reviewer may be asked about.</summary>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="Similarity">Exact similarity under the active model.</param>
public sealed record ReviewPair(long ContentA, long ContentB, double Similarity)
{
    /// <summary>How far the similarity lies from a threshold, on either side.</summary>
    public double Distance(double threshold) => Math.Abs(Similarity - threshold);
}
