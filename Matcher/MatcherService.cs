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
using CpfPipeline.Matcher.Tiles;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Vocabulary;
using MassTransit;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CpfPipeline.Matcher;

/// <summary>Puts the Matcher together.</summary>
internal static class MatcherService
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line; <c>--Key value</c> overrides configuration.</param>
    public static WebApplication Build(string[] args)
    {
        var builder = ServiceHost.CreateBuilder("Matcher", args);
        if (builder.Configuration.GetValue<bool>($"{MatcherOptions.Section}:{nameof(MatcherOptions.JoinsOnly)}"))
        {
            return BuildJoiner(builder, _ => { });
        }

        builder.Services.AddMatcher();
        builder.AddBus(bus =>
        {
            bus.AddConsumer<ContentsEmbeddedConsumer, ContentsEmbeddedConsumerDefinition>();
            bus.AddConsumer<ContentReleasedConsumer, ContentReleasedConsumerDefinition>();
            bus.AddConsumer<ModelActivatedConsumer, ModelActivatedConsumerDefinition>();
            bus.AddConsumer<GiveVerdictConsumer, GiveVerdictConsumerDefinition>();
            bus.AddConsumer<VerdictGivenConsumer, VerdictGivenConsumerDefinition>();
            bus.AddConsumer<JoinTileConsumer, JoinTileConsumerDefinition>();
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

    /// <summary>A process that does nothing but compute tiles of joins, under a name of its own and with its own way to do so.</summary>
    internal static WebApplication BuildJoiner(string name, string[] args, Action<WebApplicationBuilder> configure)
    {
        var builder = ServiceHost.CreateBuilder(name, args);
        builder.Configuration[$"{MatcherOptions.Section}:{nameof(MatcherOptions.JoinsOnly)}"] = "true";
        return BuildJoiner(builder, configure);
    }

    private static WebApplication BuildJoiner(WebApplicationBuilder builder, Action<WebApplicationBuilder> configure)
    {
        configure(builder);
        builder.Services.AddJoiner();
        builder.AddBus(bus => bus.AddConsumer<JoinTileConsumer, JoinTileConsumerDefinition>());
        var app = builder.Build();
        app.UseFailureAnswers();
        app.UseAccess();
        app.MapHealth();
        app.MapMetrics();
        return app;
    }

    /// <summary>What computing tiles needs.</summary>
    internal static void AddJoiner(this IServiceCollection services)
    {
        services.AddOptions<MatcherOptions>().BindConfiguration(MatcherOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<MatcherMetrics>();
        services.TryAddSingleton<PrefilterFactory>((left, maxThreads) => BlockJoin.NewPrefilter(left, maxThreads, PairKernel.Fastest));
        services.AddSingleton<TileWorker>();
        services.AddProblemDetails();
    }

    /// <summary>Everything but the bus and the routes.</summary>
    internal static void AddMatcher(this IServiceCollection services)
    {
        services.AddJoiner();
        services.AddSingleton<MatcherActivity>();
        services.AddSingleton<Gallery>();
        services.AddSingleton<INeighbourSearch, NeighbourSearch>();
        services.AddSingleton<GroupUpdater>();
        services.AddSingleton<Repair>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<GiantRegrouper>();
        services.AddSingleton<TiledJoin>();
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
        services.AddOpenApi(ApiConventions.Describe);
    }
}
