using Hangfire;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>Stores when the recurring jobs run. Every Trainer stores the same; the last configuration to start wins.</summary>
internal sealed class ScheduleLoop(IServiceProvider services, IOptions<TrainerOptions> options, TimeProvider time, ILogger<ScheduleLoop> logger) : BackgroundService
{
    /// <summary>Name of the recurring job that begins nights.</summary>
    public const string Night = "night";

    /// <summary>Name of the recurring job that looks for drift.</summary>
    public const string Drift = "drift";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (true)
        {
            try
            {
                Store(services.GetRequiredService<IRecurringJobManager>());
                return;
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException or InvalidOperationException or BackgroundJobClientException)
            {
                Log.SchedulePostponed(logger, e.Message);
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private void Store(IRecurringJobManager jobs)
    {
        var zone = new RecurringJobOptions { TimeZone = TimeZoneInfo.FindSystemTimeZoneById(options.Value.ScheduleTimeZone) };
        if (options.Value.Schedule.Length == 0)
        {
            jobs.RemoveIfExists(Night);
            Log.NotScheduled(logger);
        }
        else
        {
            jobs.AddOrUpdate<NightJob>(Night, job => job.RunAsync(null, CancellationToken.None), options.Value.Schedule, zone);
            Log.Scheduled(logger, options.Value.Schedule, options.Value.ScheduleTimeZone);
        }

        jobs.AddOrUpdate<DriftJob>(Drift, job => job.RunAsync(CancellationToken.None), Cron.Hourly(), zone);
    }
}
