namespace CpfPipeline.Nights.TrainingSets;

/// <summary>What was there and what was left out.</summary>
public sealed record AssignmentCounts
{
    /// <summary>Live contents with a feature and an embedding, placeholders among them.</summary>
    public required int Live { get; init; }

    /// <summary>Contents that the placeholder guard keeps out.</summary>
    public required int Placeholders { get; init; }

    /// <summary>Contents whose product keys contradict each other.</summary>
    public required int KeyConflicts { get; init; }

    /// <summary>Contents of one class that a person told apart.</summary>
    public required int VerdictConflicts { get; init; }

    /// <summary>Verdicts <c>same</c> that were followed.</summary>
    public required int SameVerdicts { get; init; }

    /// <summary>Verdicts <c>different</c> that give a negative.</summary>
    public required int HardNegatives { get; init; }

    /// <summary>Verdicts <c>same</c> between classes of two uses: followed, they would let test classes into training.</summary>
    public required int DroppedVerdicts { get; init; }

    /// <summary>Verdicts on contents that take no part, and <c>different</c> across uses, which nothing compares.</summary>
    public required int UnusedVerdicts { get; init; }

    /// <summary>What makes contents one class, see <see cref="LearningSource"/>.</summary>
    public string LearnedFrom { get; init; } = LearningSource.Keys;
}
