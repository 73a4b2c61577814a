using CpfPipeline.Data.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Runs;

/// <summary>Checks that the models a run began with are still in the state it needs.</summary>
internal static class RunGuard
{
    /// <summary>Null: go on. Else why the run must end before its next step.</summary>
    /// <param name="run">The run.</param>
    /// <param name="step">The step to come.</param>
    /// <param name="activeModelId">The active model.</param>
    /// <param name="modelState">State of the run's model; null before it has one.</param>
    public static RunEnd? Check(TrainingRun run, string step, long? activeModelId, string? modelState)
    {
        if (activeModelId is null)
        {
            return RunEnd.Failed("no model is active yet: the Trainer makes the first one at its start");
        }

        if (activeModelId != run.BaseModelId && activeModelId != run.ModelId)
        {
            return RunEnd.Failed(
                $"model {activeModelId} became active meanwhile: what was compared with model {run.BaseModelId} cannot replace it. "
                + $"Start another run");
        }

        // A run that ends badly steps its model back before the end is written. After a crash in between, the run must go no further.
        return step is TrainingRunStep.Join or TrainingRunStep.Activate && modelState is ModelState.Refused or ModelState.Retired
            ? SteppedBack(run.ModelId)
            : null;
    }

    /// <summary>The end of a run whose model is no candidate and no shadow any more.</summary>
    public static RunEnd SteppedBack(long? modelId) =>
        RunEnd.Failed($"model {modelId} was stepped back before it could become active. Start another run");
}
