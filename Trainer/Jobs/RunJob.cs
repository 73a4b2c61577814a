using Hangfire;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>Shows a requested run on the dashboard.</summary>
internal sealed class RunJob(RunFollower follower)
{
    /// <param name="runId">The run.</param>
    /// <param name="kind">Its kind, for the name on the dashboard.</param>
    /// <param name="trigger">Who asked, for the name.</param>
    /// <param name="cancellationToken">Set when the job is deleted or this process stops.</param>
    /// <returns>How the run ended, shown on the dashboard.</returns>
    [JobDisplayName("{1} by {2}: run {0}")]
    [AutomaticRetry(Attempts = 0)]
    public Task<string> RunAsync(Guid runId, string kind, string trigger, CancellationToken cancellationToken)
    {
        _ = (kind, trigger);
        return follower.FollowAsync(runId, cancellationToken);
    }
}
