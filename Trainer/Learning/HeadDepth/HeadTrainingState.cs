using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>Where a run of <see cref="HeadTraining"/> stands: what it needs to go on as if it had never stopped, besides options and features.</summary>
public sealed record HeadTrainingState
{
    /// <summary>Steps done; the batches to come follow from it.</summary>
    public int Step { get; set; }

    /// <summary>Loss of the last step; NaN before the first.</summary>
    public double Loss { get; set; } = double.NaN;

    /// <summary>The step at which was last looked at validation, or at the loss where there is none; -1: never.</summary>
    public int LookedAt { get; set; } = -1;

    /// <summary>Looks at validation since the best one.</summary>
    public int Stale { get; set; }

    public double BestF1 { get; set; } = double.NegativeInfinity;

    public int BestStep { get; set; }

    public List<LossPoint> History { get; init; } = [];

    /// <summary>Projection, class centres where there are some, moments of the optimiser.</summary>
    public float[][] Present { get; set; } = [];

    /// <summary>Projection of the best look at validation; empty before the first.</summary>
    public float[] Best { get; set; } = [];
}
