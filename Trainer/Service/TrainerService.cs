using CpfPipeline.Hosting;

namespace CpfPipeline.Trainer.Service;

/// <summary>The Trainer as a service: it makes the first model.</summary>
internal static class TrainerService
{
    /// <summary>Runs until the process is told to stop.</summary>
    /// <param name="args">Command line; <c>--Key value</c> overrides configuration.</param>
    /// <param name="prepare">Makes a first model.</param>
    public static async Task RunAsync(string[] args, ModelPreparation prepare)
    {
        var builder = ServiceHost.CreateBuilder("Trainer", args);
        builder.Services.AddOptions<TrainerOptions>().BindConfiguration(TrainerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(prepare);
        builder.Services.AddSingleton<ModelSetup>();
        builder.AddBus(_ => { });

        // After the bus: what is published with the activation finds its queues.
        builder.Services.AddSingleton<ModelSetupService>();
        builder.Services.AddSingleton<IReadiness>(services => services.GetRequiredService<ModelSetupService>());
        builder.Services.AddHostedService(services => services.GetRequiredService<ModelSetupService>());
        var app = builder.Build();
        app.MapHealth();
        await app.RunAsync();
    }
}
