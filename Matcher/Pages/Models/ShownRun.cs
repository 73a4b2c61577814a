using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A run of the Trainer.</summary>
/// <param name="RunId">Handle.</param>
/// <param name="Kind"><see cref="TrainingRunKind"/>.</param>
/// <param name="Trigger">Who asked.</param>
/// <param name="State"><see cref="TrainingRunState"/>.</param>
/// <param name="Step">The step it is at, or ended at.</param>
/// <param name="Progress">Share of that step, 0 to 1.</param>
/// <param name="Message">What is being done or how it ended.</param>
/// <param name="ModelId">The model it makes or activates.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended.</param>
public sealed record ShownRun(
    Guid RunId, string Kind, string Trigger, string State, string Step, float Progress, string? Message, long? ModelId,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => TrainingRunState.HasEnded(State);

    /// <summary>What it is for, for a person.</summary>
    public string Purpose => Kind switch
    {
        TrainingRunKind.Training => "training",
        TrainingRunKind.Threshold => "another threshold",
        _ => "activation",
    };

    /// <summary>The step, for a person.</summary>
    public string StepName => Step switch
    {
        TrainingRunStep.Queued => "waits for the Trainer",
        TrainingRunStep.BuildingSet => "builds the training set",
        TrainingRunStep.Training => "trains",
        TrainingRunStep.Calibrating => "calibrates the threshold",
        TrainingRunStep.Evaluating => "measures",
        TrainingRunStep.Gate => "compares with the active model",
        TrainingRunStep.ShadowEmbed => "embeds the catalogue",
        TrainingRunStep.Index => "builds the index",
        TrainingRunStep.Join => "groups the catalogue",
        TrainingRunStep.Diff => "compares the groups",
        TrainingRunStep.Activate => "hands over",
        _ => Step,
    };
}
