using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>Where a run stands: what it needs to go on as if it had never stopped, besides options and pictures.</summary>
public sealed record FullTrainingState
{
    /// <summary>Steps done; the batches to come follow from it.</summary>
    public int Step { get; set; }

    /// <summary>The step at which validation was looked at last; -1: never.</summary>
    public int ValidatedAt { get; set; } = -1;

    /// <summary>Looks at validation since the best one.</summary>
    public int Stale { get; set; }

    public double BestF1 { get; set; } = -1;

    public int BestStep { get; set; }

    /// <summary>Sum of the losses since the last point of the history.</summary>
    public double LossSum { get; set; }

    /// <summary>Their number.</summary>
    public int LossCount { get; set; }

    public List<LossPoint> History { get; init; } = [];

    /// <summary>Weights, running statistics, projection, centres, moments of the optimiser.</summary>
    public float[][] Present { get; set; } = [];

    /// <summary>Weights, running statistics, projection of the best look at validation.</summary>
    public float[][] Best { get; set; } = [];
}
