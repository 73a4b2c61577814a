using CpfPipeline.Data.Runs;
using Hangfire;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>Puts runs that people and programs ask for on the dashboard.</summary>
internal sealed class JobBoard(IServiceProvider services, ILogger<JobBoard> logger)
{
    /// <summary>Shows a run on the dashboard. Without the job storage it shows nothing, because the run does not depend on it.</summary>
    public void Show(TrainingRun run)
    {
        try
        {
            services.GetRequiredService<IBackgroundJobClient>()
                .Enqueue<RunJob>(job => job.RunAsync(run.RunId, run.Kind, run.Trigger, CancellationToken.None));
        }
        catch (BackgroundJobClientException e)
        {
            Log.NotShown(logger, run.RunId, (e.InnerException ?? e).Message);
        }
    }
}
