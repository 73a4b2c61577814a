using CpfPipeline.Hosting.Background;
using Hangfire;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>Stores, once, when the recurring jobs run. Every Trainer stores the same; the last configuration to start wins.</summary>
internal sealed class ScheduleSetup(
    IServiceProvider services, IOptions<TrainerOptions> options, TimeProvider time, ILogger<ScheduleSetup> logger)
    : OneTimeTask("schedule", Pause, time, logger)
{
    /// <summary>Name of the recurring job that begins nights.</summary>
    public const string Night = "night";

    /// <summary>Name of the recurring job that looks for drift.</summary>
    public const string Drift = "drift";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    protected override Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        // The storage is asked for here and not by the constructor, since it may be away when the service starts.
        var jobs = services.GetRequiredService<IRecurringJobManager>();
        var zone = new RecurringJobOptions { TimeZone = TimeZoneInfo.FindSystemTimeZoneById(options.Value.ScheduleTimeZone) };
        if (options.Value.Schedule.Length == 0)
        {
            jobs.RemoveIfExists(Night);
            Log.NotScheduled(Logger);
        }
        else
        {
            jobs.AddOrUpdate<NightJob>(Night, job => job.RunAsync(null, CancellationToken.None), options.Value.Schedule, zone);
            Log.Scheduled(Logger, options.Value.Schedule, options.Value.ScheduleTimeZone);
        }

        jobs.AddOrUpdate<DriftJob>(Drift, job => job.RunAsync(CancellationToken.None), Cron.Hourly(), zone);
        return Task.FromResult(true);
    }
}
