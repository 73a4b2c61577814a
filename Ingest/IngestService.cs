using CpfPipeline.Data;
using CpfPipeline.Hosting;

namespace CpfPipeline.Ingest;

/// <summary>Puts Ingest together.</summary>
internal static class IngestService
{
    /// <summary>Registers everything but the consumers.</summary>
    public static void AddIngest(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<IngestOptions>().BindConfiguration(IngestOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IngestMetrics>();
        services.AddSingleton<ImageStore>();
        services.AddSingleton<ImageStatusStore>();
        services.AddSingleton<FeedStore>();
        services.AddSingleton<SnapshotStore>();
        services.AddSingleton<GuardedConnector>();
        services.AddSingleton<HttpFetcher>();
        services.AddSingleton<FileFetcher>();
        services.AddSingleton<IImageFetcher, SourceFetcher>();
        services.AddSingleton<DispatchOutbox>(provider => provider.GetRequiredService<OutboxDispatcher>().DispatchAsync);
        services.AddSingleton<ContentIntake>();
        services.AddSingleton<ImageIntake>();
        services.AddSingleton<IFeedReader, FolderFeedReader>();
        services.AddSingleton<IFeedReader, CsvFeedReader>();
        services.AddSingleton<IFeedReader, NdjsonFeedReader>();
        services.AddSingleton<IFeedReader, MerchantTsvFeedReader>();
        services.AddSingleton<IFeedReader, MerchantXmlFeedReader>();
        services.AddSingleton<SnapshotRetraction>();
        services.AddSingleton<FeedRun>();
        services.AddHostedService<FeedRunner>();
        services.AddOpenApi();
        services.AddProblemDetails();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.Never);
        services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
    }

    /// <summary>Maps the HTTP API.</summary>
    public static void MapIngest(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapOpenApi();
        app.MapGet("/", (ServiceIdentity identity) => Results.Json(new { service = identity.Name, version = identity.Version, openapi = "/openapi/v1.json" }))
            .ExcludeFromDescription();
        ImageEndpoints.Map(app);
        FeedEndpoints.Map(app);
    }
}
