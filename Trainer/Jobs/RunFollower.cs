using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>
/// Follows a run to its end, whichever Trainer drives it. A job on the dashboard lives as long as its run, and deleting the job cancels the
/// run.
/// </summary>
internal sealed class RunFollower(TrainingRunStore runs, RunSignal signal, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <returns>How it ended.</returns>
    /// <exception cref="RunFailedException">It failed.</exception>
    public async Task<string> FollowAsync(Guid runId, CancellationToken cancellationToken)
    {
        signal.Set();
        try
        {
            while (true)
            {
                var run = await runs.FindAsync(runId, cancellationToken);
                if (run is null || TrainingRunState.HasEnded(run.State))
                {
                    return run?.State == TrainingRunState.Failed
                        ? throw new RunFailedException($"run {runId} failed: {run.Message}") : $"{run?.State ?? "gone"}: {run?.Message}";
                }

                await Task.Delay(Interval, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await runs.RequestCancelAsync(runId, null, CancellationToken.None); // A user deleted the job.
            throw;
        }
    }
}
