using CpfPipeline.Hosting.Background;
using Npgsql;

namespace CpfPipeline.Ingest.Intake;

/// <summary>
/// Forgets submissions whose commands nothing takes any more, once a day. A restore would send them again, though they were purged on
/// purpose.
/// </summary>
internal sealed class SubmissionSweepLoop(NpgsqlDataSource dataSource, TimeProvider time, ILogger<SubmissionSweepLoop> logger)
    : BackgroundLoop("submissions", TimeSpan.FromDays(1), time, logger)
{
    /// <summary>So long a command may wait, in its queue or in one of failed messages, before a restore no longer sends it again.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromDays(30);

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        var (_, givenUp) = await WaitingSubmissions.SweepAsync(dataSource, Time.GetUtcNow() - Patience, cancellationToken);
        if (givenUp > 0)
        {
            Log.SubmissionsGivenUp(Logger, givenUp, (int)Patience.TotalDays);
        }
    }
}
