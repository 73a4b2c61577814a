using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Trainer.Api;

/// <summary>Runs with their steps and how much longer they will take.</summary>
internal sealed class RunReader(TrainingRunStore runs, TimeProvider time)
{
    public async Task<RunAnswer> DescribeAsync(TrainingRun run, CancellationToken cancellationToken)
    {
        var steps = await runs.ReadStepsAsync(run.RunId, cancellationToken);
        TimeSpan? eta = null;
        if (!TrainingRunState.HasEnded(run.State) && await runs.FindLastFinishedAsync(run.Kind, cancellationToken) is { } last)
        {
            eta = RunEta.Of(run, steps, await runs.ReadStepsAsync(last.RunId, cancellationToken), time.GetUtcNow());
        }

        return RunAnswer.Of(run, steps, eta);
    }
}
