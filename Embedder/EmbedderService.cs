using CpfPipeline.Embedder.Consumers;
using CpfPipeline.Embedder.Decoding;
using CpfPipeline.Embedder.Devices;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Embedder.Probes;
using CpfPipeline.Embedder.Renditions;
using CpfPipeline.Embedder.Serving;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Access;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Telemetry;
using MassTransit;

namespace CpfPipeline.Embedder;

/// <summary>The Embedder as a host.</summary>
internal static class EmbedderService
{
    /// <summary>Everything wired, nothing started.</summary>
    /// <param name="args">Command line; <c>--Key value</c> overrides configuration.</param>
    public static WebApplication Build(string[] args)
    {
        var builder = ServiceHost.CreateBuilder("Embedder", args);
        builder.Services.AddOptions<EmbedderOptions>()
            .BindConfiguration(EmbedderOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<EmbedderMetrics>();
        Decoders.AddAll(builder.Services);
        builder.Services.AddSingleton<EmbeddingStore>();
        builder.Services.AddSingleton<ContentRejectionStore>();
        builder.Services.AddSingleton<BackboneOpener>();
        builder.Services.AddSingleton<ServingModels>();
        builder.Services.AddSingleton<FeatureWorkers>();
        builder.Services.AddSingleton<BatchComputation>();
        builder.Services.AddSingleton<ContentEmbedder>();
        builder.Services.AddSingleton<IReadiness, ServingReadiness>();
        ServingDetail.AddAll(builder.Services);
        builder.Services.AddHostedService<ModelWatch>();
        builder.Services.AddSingleton<MissedContents>();
        builder.Services.AddHostedService<MissedContentsLoop>();
        builder.Services.AddSingleton<BlankSweep>();
        builder.Services.AddHostedService<BlankSweepLoop>();
        builder.Services.AddSingleton<RenditionStore>();
        builder.Services.AddSingleton<ThumbnailMaker>();
        builder.Services.AddSingleton<RenditionMaker>();
        builder.Services.AddSingleton<ProbeEmbedder>();
        builder.AddBus(bus =>
        {
            bus.AddConsumer<ContentStoredConsumer, ContentStoredConsumerDefinition>();
            bus.AddConsumer<EmbedContentsConsumer, EmbedContentsConsumerDefinition>();
            bus.AddConsumer<MakeRenditionsConsumer, MakeRenditionsConsumerDefinition>();
            bus.AddConsumer<EmbedProbeConsumer, EmbedProbeConsumerDefinition>();
            bus.AddConsumer<ModelActivatedConsumer, ModelActivatedConsumerDefinition>();
        });
        builder.Services.AddProblemDetails();
        var app = builder.Build();
        app.UseFailureAnswers();
        app.UseAccess();
        app.MapHealth();
        app.MapMetrics();
        return app;
    }
}
