using CpfPipeline.Matcher.Pages.Frame;
using Microsoft.AspNetCore.Antiforgery;

namespace CpfPipeline.Matcher.Pages;

/// <summary>
/// Answers forms that the pages did not sign, or signed too long ago, before anything reads them. Without it the framework answers with a
/// bare status.
/// </summary>
internal static class StaleForms
{
    /// <summary>Comes behind the check of the forms' tokens.</summary>
    public static void UseStaleForms(this IApplicationBuilder app) => app.Use((http, next) =>
        http.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } ? RefuseAsync(http) : next(http));

    private static Task RefuseAsync(HttpContext http)
    {
        PageHeaders.Set(http.Response.Headers);
        return FormAnswers.Stale(http).ExecuteAsync(http);
    }
}
