using CpfPipeline.Data.Matching;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Matcher.Api;
using CpfPipeline.Matcher.Giants;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Handover;
using CpfPipeline.Matcher.Placeholders;
using CpfPipeline.Matcher.Reconcile;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Verdicts;

namespace CpfPipeline.Matcher;

/// <summary>The Matcher's parts.</summary>
internal static class MatcherServices
{
    public static void AddMatcher(this IServiceCollection services)
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
        services.AddSingleton<PlaceholderGuard>();
        services.AddSingleton<GroupQueryStore>();
        services.AddSingleton<StatusReader>();
        services.AddSingleton<IHealthDetail>(provider => provider.GetRequiredService<StatusReader>());
        services.AddHostedService<ReconcileLoop>();
        services.AddHostedService<GiantLoop>();
        services.AddHostedService<HandoverLoop>();
        services.AddProblemDetails();
        services.AddOpenApi();
    }
}
