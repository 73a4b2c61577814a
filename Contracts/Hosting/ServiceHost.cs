using CpfPipeline.Data.Access;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Schema;
using CpfPipeline.Hosting.Access;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Encryption;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Locks;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Hosting.Settings;
using CpfPipeline.Hosting.Storage;
using CpfPipeline.Hosting.Telemetry;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting;

/// <summary>What every service of the pipeline has: configuration, database, blobs, outbox, bus, telemetry, health.</summary>
public static class ServiceHost
{
    /// <summary>A builder with everything but the bus, which <see cref="BusRegistration.AddBus"/> adds.</summary>
    /// <param name="service">Name shown by health, telemetry and the database, e.g. <c>Ingest</c>.</param>
    /// <param name="args">Command line; <c>--Key value</c> overrides configuration.</param>
    public static WebApplicationBuilder CreateBuilder(string service, string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        SettingFiles.Read(builder.Configuration, args);
        if (builder.Configuration["Urls"] is null)
        {
            builder.Configuration["Urls"] = "http://127.0.0.1:0"; // Loopback unless configured otherwise.
        }

        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            options.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);

        builder.AddTelemetry(service); // Before everything that counts.
        builder.Services.AddSingleton(new ServiceIdentity(service));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => RequiredSetting.Read(
            builder.Configuration, $"ConnectionStrings:{PostgresDataSource.ConnectionStringName}",
            text => PostgresDataSource.Create(text, $"cpf-{service.ToLowerInvariant()}")));
        builder.Services.AddSingleton(_ => RequiredSetting.Read(
            builder.Configuration, $"ConnectionStrings:{PostgresDataSource.ConnectionStringName}",
            text => AccessDatabase.Connect(text, $"cpf-{service.ToLowerInvariant()}-access")));
        builder.AddBlobs();
        builder.Services.AddSingleton<ModelStore>();
        builder.Services.AddSingleton<OutboxDispatcher>();
        builder.Services.AddSingleton<DispatchOutbox>(provider => provider.GetRequiredService<OutboxDispatcher>().DispatchAsync);
        builder.Services.AddSingleton<HeldBackMessages>();
        builder.Services.AddSingleton<IHealthDetail>(provider => provider.GetRequiredService<HeldBackMessages>());
        builder.Services.AddSendObserver<RefusalObserver>();
        builder.Services.AddPublishObserver<RefusalObserver>();
        builder.Services.AddSingleton<RefusedMessages>();
        builder.Services.AddSingleton<IHealthDetail>(provider => provider.GetRequiredService<RefusedMessages>());
        builder.Services.AddHostedService<OutboxSweeper>();
        builder.Services.AddHostedService<LockWatch>();
        builder.Services.AddHostedService<UnprotectedServersWarning>();
        builder.Services.AddSingleton<IHealthDetail, LockWaitDetail>();
        builder.Services.ConfigureHttpJsonOptions(options => ApiConventions.Configure(options.SerializerOptions));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ServiceShutdown.Patience);
        builder.AddAccess();
        return builder;
    }
}
