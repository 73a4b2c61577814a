using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Review;
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
        http.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } invalid ? RefuseAsync(http, invalid.Error) : next(http));

    private static Task RefuseAsync(HttpContext http, Exception? why)
    {
        PageHeaders.Set(http.Response.Headers);
        if (why?.InnerException is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
        {
            return PageResults.Message(
                StatusCodes.Status413PayloadTooLarge, "Nothing changed", "What you sent is too large.").ExecuteAsync(http);
        }

        return ReviewForms.Answer(
            http, StatusCodes.Status400BadRequest, "This form is out of date: open the page again and send it then.", PageEntry.Overview)
            .ExecuteAsync(http);
    }
}
