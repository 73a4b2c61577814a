namespace CpfPipeline.Learning.Calibration;

/// <summary>What a threshold is chosen for.</summary>
public sealed record CalibrationTarget
{
    private CalibrationTarget()
    {
    }

    /// <summary>The largest pairwise F1.</summary>
    public static CalibrationTarget MaxF1 { get; } = new();

    /// <summary>Null: the largest F1.</summary>
    public double? Precision { get; private init; }

    /// <summary>The most recall with which precision is at least this, at 95 % confidence (one-sided).</summary>
    public static CalibrationTarget AtLeast(double precision) => precision is > 0 and < 1
        ? new CalibrationTarget { Precision = precision }
        : throw new ArgumentOutOfRangeException(nameof(precision), precision, "A target precision lies between 0 and 1.");
}
