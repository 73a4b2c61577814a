using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;
using Hangfire;
using Hangfire.Server;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>The recurring job: sees to it that there is a run, and follows it.</summary>
internal sealed class NightJob(RunDesk desk, RunFollower follower, ILogger<NightJob> logger)
{
    /// <param name="context">The job; its id is the run's key, so that a job that is taken up again finds its run.</param>
    /// <param name="cancellationToken">Set when the job is deleted or this process stops.</param>
    /// <returns>How the run ended, shown on the dashboard.</returns>
    [JobDisplayName("Night")]
    [AutomaticRetry(Attempts = 0)]
    public async Task<string> RunAsync(PerformContext? context, CancellationToken cancellationToken)
    {
        var key = $"schedule {context?.BackgroundJob.Id}";
        switch (await desk.AskAsync(new RunOrder(TrainingRunKind.Training), "schedule", key, cancellationToken))
        {
            case RunAsked.Started started:
                return await follower.FollowAsync(started.Run.RunId, cancellationToken);
            case RunAsked.Known known:
                return await follower.FollowAsync(known.Run.RunId, cancellationToken);
            case RunAsked.GoingOn other:
                var skipped = $"run {other.Run.RunId} ({other.Run.Kind}) is going on";
                Log.NightSkipped(logger, skipped);
                return $"skipped: {skipped}";
            case RunAsked.Impossible impossible:
                Log.NightSkipped(logger, impossible.Detail);
                return $"skipped: {impossible.Detail}";
            default:
                throw new InvalidOperationException("A night is an order like this every time.");
        }
    }
}
