using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Access;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Telemetry;
using CpfPipeline.Nights;
using CpfPipeline.Trainer.Api;
using CpfPipeline.Trainer.Consumers;
using CpfPipeline.Trainer.Exchange;
using CpfPipeline.Trainer.Jobs;
using CpfPipeline.Trainer.Retention;
using CpfPipeline.Trainer.Runs;
using CpfPipeline.Trainer.Setup;
using CpfPipeline.Vocabulary;
using MassTransit;

namespace CpfPipeline.Trainer;

/// <summary>The Trainer as a service: it makes the first model, and takes and drives runs.</summary>
internal static class TrainerService
{
    /// <summary>Everything wired, nothing started.</summary>
    /// <param name="args">Command line; <c>--Key value</c> overrides configuration.</param>
    /// <param name="firstModel">Makes a first model.</param>
    /// <param name="configure">Replaces parts.</param>
    public static WebApplication Build(string[] args, FirstModelSource firstModel, Action<IServiceCollection>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder("Trainer", args);
        builder.Services.AddOptions<TrainerOptions>().BindConfiguration(TrainerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<NightOptions>().BindConfiguration(NightOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<RetentionMetrics>();
        builder.Services.AddSingleton<OldRows>();
        builder.Services.AddSingleton(firstModel);
        builder.Services.AddSingleton<ModelPreparation>();
        builder.Services.AddSingleton<IHealthDetail>(services => services.GetRequiredService<ModelPreparation>());
        builder.Services.AddSingleton<BackboneHandover>();
        builder.Services.AddSingleton<ModelSetup>();
        builder.Services.AddSingleton<ModelImport>();
        builder.Services.AddSingleton<ModelExport>();
        builder.Services.AddRuns();
        builder.AddBus(bus => bus.AddConsumer<TrainModelConsumer, TrainModelConsumerDefinition>());

        // After the bus: what is published with the activation finds its queues.
        builder.Services.AddSingleton<ModelSetupService>();
        builder.Services.AddSingleton<IReadiness>(services => services.GetRequiredService<ModelSetupService>());
        builder.Services.AddHostedService(services => services.GetRequiredService<ModelSetupService>());
        builder.Services.AddHostedService<RunLoop>();
        builder.Services.AddHostedService<RetentionLoop>();
        builder.AddJobs();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseFailureAnswers();
        app.UseStatusCodePages();
        app.UseAccess();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi().Needs(AccessRole.Read);
        app.MapTrainings();
        app.MapModels();
        app.MapModelFiles();
        app.MapJobs();
        return app;
    }
}
