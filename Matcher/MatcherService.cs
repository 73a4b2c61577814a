using CpfPipeline.Data.Blobs;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Access;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Telemetry;
using CpfPipeline.Matcher.Api;
using CpfPipeline.Matcher.Consumers;
using CpfPipeline.Matcher.Contents;
using CpfPipeline.Matcher.Gauges;
using CpfPipeline.Matcher.Giants;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Handover;
using CpfPipeline.Matcher.Pages;
using CpfPipeline.Matcher.Placeholders;
using CpfPipeline.Matcher.Probes;
using CpfPipeline.Matcher.Reconcile;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Vocabulary;
using MassTransit;

namespace CpfPipeline.Matcher;

/// <summary>Puts the Matcher together.</summary>
internal static class MatcherService
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line; <c>--Key value</c> overrides configuration.</param>
    public static WebApplication Build(string[] args)
    {
        var builder = ServiceHost.CreateBuilder("Matcher", args);
        builder.Services.AddMatcher();
        builder.AddBus(bus =>
        {
            bus.AddConsumer<ContentsEmbeddedConsumer, ContentsEmbeddedConsumerDefinition>();
            bus.AddConsumer<ContentReleasedConsumer, ContentReleasedConsumerDefinition>();
            bus.AddConsumer<ModelActivatedConsumer, ModelActivatedConsumerDefinition>();
            bus.AddConsumer<GiveVerdictConsumer, GiveVerdictConsumerDefinition>();
            bus.AddConsumer<VerdictGivenConsumer, VerdictGivenConsumerDefinition>();
        });
        var app = builder.Build();
        _ = app.Services.GetRequiredService<IBlobStore>(); // Says now, not at the first picture, that its setting is missing.
        app.UseFailureAnswers();
        app.UseStatusCodePages();
        app.UseAccess();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi().Needs(AccessRole.Read);
        app.MapMatcher();
        app.MapVerdicts();
        app.MapPlaceholders();
        app.MapContents();
        app.MapPages();
        return app;
    }

    /// <summary>Everything but the bus and the routes.</summary>
    internal static void AddMatcher(this IServiceCollection services)
    {
        services.AddOptions<MatcherOptions>().BindConfiguration(MatcherOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<MatcherActivity>();
        services.AddSingleton<MatcherMetrics>();
        services.AddSingleton<Gallery>();
        services.AddSingleton<INeighbourSearch, NeighbourSearch>();
        services.AddSingleton<GroupUpdater>();
        services.AddSingleton<Repair>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<GiantRegrouper>();
        services.AddSingleton<WholeGrouping>();
        services.AddSingleton<CatchUp>();
        services.AddSingleton<Activation>();
        services.AddSingleton<ShadowKeeper>();
        services.AddSingleton<VerdictIntake>();
        services.AddSingleton<PlaceholderIntake>();
        services.AddSingleton<GroupQueryStore>();
        services.AddSingleton<StatusReader>();
        services.AddSingleton<ShownContentStore>();
        services.AddSingleton<RenditionRequests>();
        services.AddSingleton<ProbeRequests>();
        services.AddSingleton<ProbeMatcher>();
        services.AddSingleton<IHealthDetail>(provider => provider.GetRequiredService<StatusReader>());
        services.AddSingleton<PipelineGauges>();
        services.AddHostedService<PipelineGaugeLoop>();
        services.AddHostedService<ReconcileLoop>();
        services.AddHostedService<GiantLoop>();
        services.AddHostedService<HandoverLoop>();
        services.AddPages();
        services.AddProblemDetails();
        services.AddOpenApi(ApiConventions.Describe);
    }
}
