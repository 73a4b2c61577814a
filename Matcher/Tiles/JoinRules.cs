namespace CpfPipeline.Matcher.Tiles;

/// <summary>What a join looks for: the same for all of its tiles, whoever computes them.</summary>
/// <param name="Threshold">Smallest similarity of an edge.</param>
/// <param name="PairsKept">Pairs at or above the threshold to keep, per content.</param>
/// <param name="NearestKept">Nearest contents to keep, per content.</param>
/// <param name="NearestFloor">Smallest similarity of these.</param>
internal sealed record JoinRules(double Threshold, int PairsKept, int NearestKept, double NearestFloor)
{
    /// <summary>The rules of this process's settings.</summary>
    public static JoinRules Of(MatcherOptions options, double threshold) =>
        new(threshold, options.PairsKept, options.NearestKept, options.NearestFloor(threshold));
}
