using CpfPipeline.Data.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A run of the Trainer as pages show it.</summary>
internal static class ShownRun
{
    /// <summary>What it is for, for a person.</summary>
    public static string Purpose(TrainingRun run) => run.Kind switch
    {
        TrainingRunKind.Training => "training",
        TrainingRunKind.Threshold => "another threshold",
        _ => "activation",
    };

    /// <summary>The step that it is at, for a person.</summary>
    public static string StepName(TrainingRun run) => run.Step switch
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
        _ => run.Step,
    };
}
