using System.Diagnostics.Metrics;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Access;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Storage;
using CpfPipeline.Hosting.Telemetry;
using CpfPipeline.Ingest.Api;
using CpfPipeline.Ingest.Consumers;
using CpfPipeline.Ingest.Downloads;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Ingest.Probes;
using CpfPipeline.Ingest.Replays;
using CpfPipeline.Ingest.Schedules;
using CpfPipeline.Ingest.Storage;
using CpfPipeline.Vocabulary;
using MassTransit;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest;

/// <summary>Composes the service.</summary>
internal static class IngestService
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line; <c>--Key value</c> overrides configuration.</param>
    /// <param name="network">What fetches go through; null for the system's own.</param>
    public static WebApplication Build(string[] args, INetwork? network = null)
    {
        var builder = ServiceHost.CreateBuilder("Ingest", args);
        builder.Services.AddSingleton(network ?? new SystemNetwork());
        Register(builder);
        builder.AddBus(bus =>
        {
            bus.AddConsumer<SubmitImageConsumer, SubmitImageConsumerDefinition>();
            bus.AddConsumer<RetractImageConsumer, RetractImageConsumerDefinition>();
            bus.AddConsumer<CheckProbeConsumer, CheckProbeConsumerDefinition>();
        });
        var app = builder.Build();
        _ = app.Services.GetRequiredService<IntakeGauges>();
        app.Services.GetRequiredService<EndedSchedules>().Begin(app.Services.GetRequiredService<IMeterFactory>());
        Map(app);
        return app;
    }

    private static void Register(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<IngestOptions>().BindConfiguration(IngestOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IngestMetrics>();
        services.AddSingleton<BlobEraser>();
        services.AddSingleton(provider => TombstoneKeyFile.ReadOrCreate(KeyFile(provider)));
        services.AddSingleton(provider => new ErasureRecords(RecordFolder(provider)));
        services.AddSingleton<ErasureRecording>();
        services.AddSingleton<ErasureRepeat>();
        services.AddHostedService<ErasureRepeatService>(); // Before everything that takes something in.
        services.AddSingleton<TombstoneStore>();
        services.AddSingleton<IHealthDetail, TombstoneKeyDetail>();
        services.AddSingleton<ImageStore>();
        services.AddSingleton<ImageStatusStore>();
        services.AddSingleton<FeedStore>();
        services.AddSingleton<DueFeeds>();
        services.AddSingleton<SnapshotStore>();
        services.AddSingleton<HostRule>();
        services.AddSingleton<GuardedConnector>();
        services.AddSingleton<HostGates>();
        services.AddSingleton<SlowSources>();
        services.AddSingleton<FetchAttempt>();
        services.AddSingleton<HttpExchange>();
        services.AddSingleton<HttpFetcher>();
        services.AddSingleton<S3Store>();
        services.AddSingleton<S3Fetcher>();
        services.AddSingleton<ParkedFetchStore>();
        services.AddSingleton<FileFetcher>();
        services.AddSingleton<IImageFetcher, SourceFetcher>();
        services.AddSingleton<ContentIntake>();
        services.AddSingleton<ImageIntake>();
        services.AddSingleton<IFeedReader, FolderFeedReader>();
        services.AddSingleton<IFeedReader, CsvFeedReader>();
        services.AddSingleton<IFeedReader, NdjsonFeedReader>();
        services.AddSingleton<IFeedReader, MerchantTsvFeedReader>();
        services.AddSingleton<IFeedReader, MerchantXmlFeedReader>();
        services.AddSingleton<SnapshotRetraction>();
        services.AddSingleton<ConfirmedRows>();
        services.AddSingleton<KnownFeedStore>();
        services.AddSingleton<FeedSpool>();
        services.AddSingleton<FeedDownloadStore>();
        services.AddSingleton<FeedDownload>();
        services.AddSingleton<FeedArrival>();
        services.AddSingleton<FeedScheduleStore>();
        services.AddSingleton<EndedSchedules>();
        services.AddSingleton<FeedRun>();
        services.AddSingleton<IntakeGate>();
        services.AddSingleton<IHealthDetail>(provider => provider.GetRequiredService<IntakeGate>());
        services.AddSingleton<IntakeGauges>();
        services.AddHostedService<PressureWatch>();
        services.AddSingleton<FailedMessages>();
        services.AddSingleton<FailedImageStore>();
        services.AddSingleton<ImageReplay>();
        services.AddHostedService<FeedRunner>();
        services.AddHostedService<FeedScheduleLoop>();
        services.AddHostedService<FetchLoop>();
        services.AddHostedService<SubmissionSweepLoop>();
        services.AddSingleton<ErasureStore>();
        services.AddSingleton<ErasurePurge>();
        services.AddSingleton<UnreferencedStore>();
        services.AddSingleton<ErasureWork>();
        services.AddSingleton<ErasureTurn>();
        services.AddSingleton<Collection>();
        services.AddSingleton<BlobSweep>();
        services.AddSingleton<ProbeCheck>();
        services.AddHostedService<ProbeSweepLoop>();
        services.AddHostedService<ErasureLoop>();
        services.AddHostedService<CollectionLoop>();
        services.AddOpenApi(ApiConventions.Describe);
        services.AddProblemDetails();
        services.ConfigureHttpJsonOptions(
            json => json.SerializerOptions.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.Never);
        services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
    }

    private static void Map(WebApplication app)
    {
        app.UseFailureAnswers();
        app.UseStatusCodePages();
        app.Use(ImageRoute.KeepDots);
        app.UseAccess();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi().Needs(AccessRole.Read);
        app.MapGet("/", (ServiceIdentity identity) => Results.Json(
            new { service = identity.Name, version = identity.Version, openapi = "/openapi/v1.json" }))
            .Needs(AccessRole.Read).ExcludeFromDescription();
        ImageEndpoints.Map(app);
        FeedEndpoints.Map(app);
        FeedScheduleEndpoints.Map(app);
        ErasureEndpoints.Map(app);
        ReplayEndpoints.Map(app);
    }

    private static string KeyFile(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<IngestOptions>>().Value.TombstoneKeyFile is { Length: > 0 } path
            ? path
            : BesideBlobs.PathOf(
                provider.GetRequiredService<IConfiguration>(), nameof(IngestOptions.TombstoneKeyFile), "tombstone.key");

    private static string RecordFolder(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<IngestOptions>>().Value.ErasureRecordFolder is { Length: > 0 } path
            ? path
            : BesideBlobs.PathOf(
                provider.GetRequiredService<IConfiguration>(), nameof(IngestOptions.ErasureRecordFolder), "erasures");
}
