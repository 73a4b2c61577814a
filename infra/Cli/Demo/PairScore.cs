namespace CpfPipeline.Cli.Demo;

/// <summary>How well a grouping finds one kind of pairs.</summary>
/// <param name="Wanted">Pairs of this kind there are.</param>
/// <param name="Found">Those in one group.</param>
/// <param name="Wrong">Pairs of different products in one group.</param>
internal sealed record PairScore(long Wanted, long Found, long Wrong)
{
    /// <summary>Found / (found + wrong); null when nothing of either was put together.</summary>
    public double? Precision => Found + Wrong == 0 ? null : (double)Found / (Found + Wrong);

    /// <summary>Found / wanted; null when there are none.</summary>
    public double? Recall => Wanted == 0 ? null : (double)Found / Wanted;

    /// <summary>Harmonic mean of both: 2 found / (found + wrong + wanted); null when there are none.</summary>
    public double? F1 => Wanted == 0 ? null : 2.0 * Found / (Found + Wrong + Wanted);
}
