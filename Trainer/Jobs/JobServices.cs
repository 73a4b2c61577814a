using CpfPipeline.Data.Access;
using CpfPipeline.Data.Schema;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Nights.Drift;
using CpfPipeline.Vocabulary;
using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Npgsql;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>Hangfire: the schedule and the dashboard. Runs do not depend on it.</summary>
internal static class JobServices
{
    private const string Path = "/hangfire";

    public static void AddJobs(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<RunFollower>();
        services.AddSingleton<NightJob>();
        services.AddSingleton<RunJob>();
        services.AddSingleton<JobBoard>();
        services.AddSingleton<DriftCheck>();
        services.AddSingleton<DriftDetail>();
        services.AddSingleton<Hosting.Health.IHealthDetail>(provider => provider.GetRequiredService<DriftDetail>());
        services.AddSingleton<DriftJob>();
        builder.Logging.AddFilter("Hangfire", LogLevel.Warning);
        services.AddAntiforgery(); // The dashboard's buttons ask for it.

        // Of this host, not Hangfire's static ones: of two hosts in a process one would run the other's jobs.
        services.AddSingleton<JobActivator>(provider => new AspNetCoreJobActivator(provider.GetRequiredService<IServiceScopeFactory>()));
        services.AddSingleton<JobStorage>(provider => Storage(provider.GetRequiredService<IConfiguration>()));
        services.AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings());
        services.AddHangfireServer(server =>
        {
            server.WorkerCount = 1; // Runs are one at a time anyway.
            server.CancellationCheckInterval = TimeSpan.FromSeconds(2);
        });
        services.AddHostedService<ScheduleSetup>();
    }

    public static void MapJobs(this WebApplication app)
    {
        app.UseWhen(http => http.Request.Path.StartsWithSegments(Path) && HttpMethods.IsPost(http.Request.Method), AuditButtons);
        app.MapHangfireDashboard(Path, new DashboardOptions
        {
            // The role decides, on this machine too. Without a filter of ours Hangfire would let in whoever comes from loopback.
            Authorization = [],
            AppPath = null,
            DashboardTitle = "CpfPipeline Trainer",
            DisplayStorageConnectionString = false,
        }).Needs(AccessRole.Operate).WithMetadata(CheckedForm.Mark);
    }

    // The dashboard's buttons end and repeat jobs, and tell nobody who pressed them.
    private static void AuditButtons(IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        await AuditStore.AppendAsync(
            http.RequestServices.GetRequiredService<NpgsqlDataSource>(),
            new AuditEntry(Caller.Of(http).Actor, "jobs", $"POST {http.Request.Path}"), http.RequestAborted);
        await next(http);
    });

    private static PostgreSqlStorage Storage(IConfiguration configuration)
    {
        var options = new PostgreSqlStorageOptions
        {
            SchemaName = "hangfire",
            QueuePollInterval = TimeSpan.FromSeconds(2),
            InvisibilityTimeout = TimeSpan.FromMinutes(5),
            UseSlidingInvisibilityTimeout = true,

            // The service starts without the database, and Hangfire looks for it again later. Tries are few and short, since start and
            // stop wait for them.
            StartupConnectionMaxRetries = 1,
            StartupConnectionBaseDelay = TimeSpan.FromMilliseconds(100),
            StartupConnectionMaxDelay = TimeSpan.FromSeconds(1),
            AllowDegradedModeWithoutStorage = true,
        };
        var connectionString = configuration.GetConnectionString(PostgresDataSource.ConnectionStringName);
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(connectionString, options), options);
    }
}
