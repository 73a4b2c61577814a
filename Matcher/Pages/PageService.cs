using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Operators;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Assets;
using CpfPipeline.Matcher.Pages.Find;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Groups;
using CpfPipeline.Matcher.Pages.Keys;
using CpfPipeline.Matcher.Pages.Models;
using CpfPipeline.Matcher.Pages.Overview;
using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Pages.Review;
using CpfPipeline.Matcher.Review;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Pages;

/// <summary>Puts the pages together.</summary>
internal static class PageService
{
    /// <summary>What the pages need.</summary>
    public static void AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddAntiforgery(options =>
        {
            options.HeaderName = FormAnswers.Header;
            options.Cookie.Name = "cpf-form";
            options.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddDataProtection().SetApplicationName("CpfPipeline");

        // At the first key it warns that keys are not encrypted. They lie in the database, and its rights protect them.
        services.AddLogging(logging => logging.AddFilter(typeof(XmlKeyManager).FullName, LogLevel.Error));
        services.AddOptions<KeyManagementOptions>()
            .Configure<NpgsqlDataSource>((options, dataSource) => options.XmlRepository = new PageKeyRepository(dataSource));
        services.AddSingleton<GroupListStore>();
        services.AddSingleton<GroupPageStore>();
        services.AddSingleton<PictureStore>();
        services.AddSingleton<FindStore>();
        services.AddSingleton<ProbeUploads>();
        services.AddSingleton<ModelHistoryStore>();
        services.AddSingleton<TrainingRunStore>();
        services.AddSingleton<GroupDifferenceStore>();
        services.AddSingleton<WhatIfStore>();
        services.AddSingleton<ActivationDesk>();
        services.AddSingleton(provider => new OperatorToken(
            provider.GetRequiredService<IOptions<MatcherOptions>>().Value.OperatorToken,
            $"{MatcherOptions.Section}:{nameof(MatcherOptions.OperatorToken)}"));
        services.AddSingleton<FeedStore>();
        services.AddSingleton<OverviewStore>();
        services.AddSingleton<ExactnessReading>();
        services.AddSingleton<PairQueue>();
        services.AddSingleton<ReviewIntake>();
        services.AddSingleton<PairStore>();
        services.AddSingleton<ReviewerStore>();
        services.AddSingleton<ReviewDesk>();
        services.AddSingleton<VerdictHistoryStore>();
    }

    /// <summary>The pages' routes; none of them is part of the API.</summary>
    public static void MapPages(this WebApplication app)
    {
        app.UseAntiforgery();
        app.UseStaleForms();
        app.MapPageAssets();
        var pages = app.MapGroup("").AddEndpointFilter<PageHeaders>().ExcludeFromDescription()
            .WithMetadata(new RequireAntiforgeryTokenAttribute());
        pages.MapGet("/", () => Results.Redirect(PageEntry.Overview));
        pages.MapGroupPages();
        pages.MapFind();
        pages.MapProbes();
        pages.MapModelPages();
        pages.MapModelComparisons();
        pages.MapActivation();
        pages.MapOverview();
        pages.MapReview();
        pages.MapGroupDecisions();
        pages.MapVerdictHistory();
        foreach (var entry in PageEntry.All)
        {
            // For example an id that is no number: no other route takes it.
            pages.MapGet(entry.Address + "/{**rest}", () => PageResults.Message(
                StatusCodes.Status404NotFound, "No such page", "There is no page at this address."));
        }
    }
}
