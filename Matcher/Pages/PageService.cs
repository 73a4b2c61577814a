using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Access.Answers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Assets;
using CpfPipeline.Matcher.Pages.Find;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Groups;
using CpfPipeline.Matcher.Pages.Models;
using CpfPipeline.Matcher.Pages.Overview;
using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Pages.Review;
using CpfPipeline.Matcher.Pages.SignIn;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Antiforgery;

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
        services.AddSingleton(new PeoplePages(PageEntry.SignIn, Refuse));
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
        pages.MapGet("/", () => Results.Redirect(PageEntry.Overview)).Needs(AccessRole.Read);
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
        pages.MapSignIn();
        foreach (var entry in PageEntry.All)
        {
            // For example an id that is no number: no other route takes it.
            pages.MapGet(entry.Address + "/{**rest}", () => PageResults.Message(
                StatusCodes.Status404NotFound, "No such page", "There is no page at this address.")).Needs(AccessRole.Read);
        }
    }

    private static IResult Refuse(HttpContext http, int status, string text)
    {
        // What asks may have set headers for an answer that loads nothing. This one has a style.
        PageHeaders.Set(http.Response.Headers);
        return PageResults.Message(
            status, status == StatusCodes.Status403Forbidden ? "Not for you" : "Not signed in", text, to: PageEntry.Overview);
    }
}
