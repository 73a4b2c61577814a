using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Answers;
using CpfPipeline.Hosting.Access.Browsers;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Keys;
using CpfPipeline.Hosting.Access.Limits;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Access.Tokens;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Matcher.Pages.SignIn;

/// <summary><c>/sign-in</c>: a person gives a key to a browser; <c>/sign-out</c> takes it away.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(
            PageEntry.SignIn, (IOptions<PersonOptions> person, [FromQuery] string? to) => Page(to, null, person.Value)).ForAnybody();
        routes.MapGet(PageEntry.SignInAtIssuer, AtIssuerAsync).ForAnybody();
        routes.MapPost(PageEntry.SignIn, SignInAsync).ForAnybody();
        routes.MapPost(PageEntry.SignOut, (Delegate)SignOutAsync).ForAnybody();
    }

    private static async Task<IResult> SignInAsync(
        HttpContext http, IFormCollection form, ApiKeyCheck keys, IOptions<PersonOptions> person, RefusalAudit audit, StrangerLimit limit,
        CancellationToken cancellationToken)
    {
        var to = form["to"].ToString();

        // Who is signed in already does not try the keys of others faster than anybody else.
        if (!limit.TakeForLookUp(http))
        {
            http.Response.Headers.RetryAfter = "1";
            return Page(to, "Too many tries. Wait a second.", person.Value, StatusCodes.Status429TooManyRequests);
        }

        var text = ApiKeyText.TryParse(form["key"].ToString().Trim());
        if (text is null || await keys.FindAsync(text, cancellationToken) is not { } key)
        {
            var subject = text is null ? CallerIdentity.Anonymous : CallerIdentity.KeySubject + text.KeyId;
            await audit.AddAsync(
                Caller.Of(http).Actor with { Subject = subject }, "sign-in", $"POST {PageEntry.SignIn}");
            return Page(to, "This key opens nothing: it is unknown, wrong, expired or revoked.", person.Value);
        }

        await BrowserSession.BeginAsync(http, key, text.Sha256());
        return Results.Redirect(LocalAddress.Or(to, PageEntry.Overview));
    }

    private static async Task<IResult> SignOutAsync(HttpContext http)
    {
        await BrowserSession.EndAsync(http);
        return Results.Redirect(PageEntry.SignIn);
    }

    // A link, no form: the pages' policy lets forms lead to this site only.
    private static async Task<IResult> AtIssuerAsync(HttpContext http, [FromQuery] string? to, IOptions<PersonOptions> person)
    {
        if (!person.Value.IsSet)
        {
            return PageResults.Message(StatusCodes.Status404NotFound, "Not here", "Nobody signs in elsewhere: Access:Person is not set.");
        }

        try
        {
            var properties = new AuthenticationProperties { RedirectUri = LocalAddress.Or(to, PageEntry.Overview) };
            await http.ChallengeAsync(AccessScheme.Person, properties);
            return Results.Empty;
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException && !http.Response.HasStarted)
        {
            // Where people are to be sent, its configuration says, which cannot be had.
            return PageResults.Message(
                StatusCodes.Status503ServiceUnavailable, "Not now", "The place where you sign in does not answer. Try again.");
        }
    }

    private static IResult Page(
        string? to, string? problem, PersonOptions person, int refused = StatusCodes.Status401Unauthorized) => PageResults.Of<SignInPage>(
        problem is null ? StatusCodes.Status200OK : refused,
        new { To = LocalAddress.Or(to, PageEntry.Overview), Problem = problem, HasIssuer = person.IsSet });
}
