using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Answers;
using CpfPipeline.Hosting.Access.Browsers;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Keys;
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
        routes.MapGet(PageEntry.SignInAtIssuer, AtIssuer).ForAnybody();
        routes.MapPost(PageEntry.SignIn, SignInAsync).ForAnybody();
        routes.MapPost(PageEntry.SignOut, (Delegate)SignOutAsync).ForAnybody();
    }

    private static async Task<IResult> SignInAsync(
        HttpContext http, IFormCollection form, ApiKeyCheck keys, IOptions<PersonOptions> person, RefusalAudit audit,
        CancellationToken cancellationToken)
    {
        var to = form["to"].ToString();
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
    private static IResult AtIssuer([FromQuery] string? to, IOptions<PersonOptions> person) => person.Value.IsSet
        ? Results.Challenge(
            new AuthenticationProperties { RedirectUri = LocalAddress.Or(to, PageEntry.Overview) }, [AccessScheme.Person])
        : PageResults.Message(StatusCodes.Status404NotFound, "Not here", "Nobody signs in elsewhere: Access:Person is not set.");

    private static IResult Page(string? to, string? problem, PersonOptions person) => PageResults.Of<SignInPage>(
        problem is null ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized,
        new { To = LocalAddress.Or(to, PageEntry.Overview), Problem = problem, HasIssuer = person.IsSet });
}
