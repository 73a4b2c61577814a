using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Answers;
using CpfPipeline.Hosting.Access.Browsers;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Keys;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Access.Links;

/// <summary><c>/sign-in/links</c>: who has a key gets an address that signs a browser in, once.</summary>
public static class BrowserLinks
{
    private const string Path = "/sign-in/links";

    /// <summary>Adds the routes; every service has them.</summary>
    public static void MapBrowserLinks(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, MakeAsync).Needs(AccessRole.Read).ExcludeFromDescription();
        routes.MapGet(Path + "/{token}", AskAsync).ForAnybody().ExcludeFromDescription();
        routes.MapPost(Path + "/{token}", UseAsync).ForAnybody().DisableAntiforgery().ExcludeFromDescription();
    }

    private static async Task<IResult> MakeAsync(HttpContext http, BrowserLinkStore links, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        return Caller.Of(http).KeyId is { } keyId
            ? Results.Json(new BrowserLinkAnswer(
                $"{Path}/{await links.MakeAsync(keyId, cancellationToken)}", (int)BrowserLinkStore.Lifetime.TotalSeconds))
            : Results.Problem("Only a key gets a link.", statusCode: StatusCodes.Status403Forbidden);
    }

    // A link uses nothing up before its reader says so: previews follow links, and nobody is signed in as somebody else unseen.
    private static async Task<IResult> AskAsync(
        string token, HttpContext http, BrowserLinkStore links, ApiKeyCache keys, RefusalAudit audit, TimeProvider time,
        [FromQuery] string? to, CancellationToken cancellationToken)
    {
        SetHeaders(http);
        return await KeyOfAsync(await links.FindAsync(token, cancellationToken), keys, time, cancellationToken) is { } key
            ? Results.Content(BrowserLinkPage.Of(key.Name, LocalAddress.Or(to, "/")), "text/html; charset=utf-8")
            : await RefuseAsync(http, audit);
    }

    private static async Task<IResult> UseAsync(
        string token, HttpContext http, BrowserLinkStore links, ApiKeyCache keys, RefusalAudit audit, TimeProvider time,
        [FromForm] string? to, CancellationToken cancellationToken)
    {
        SetHeaders(http);
        if (!IsOfThisSite(http.Request)
            || await KeyOfAsync(await links.TakeAsync(token, cancellationToken), keys, time, cancellationToken) is not { } key)
        {
            return await RefuseAsync(http, audit);
        }

        await BrowserSession.BeginAsync(http, key);
        return Results.Redirect(LocalAddress.Or(to, "/"));
    }

    private static async Task<ApiKey?> KeyOfAsync(
        string? keyId, ApiKeyCache keys, TimeProvider time, CancellationToken cancellationToken) =>
        keyId is not null && await keys.FindAsync(keyId, cancellationToken) is { } key && key.IsValidAt(time.GetUtcNow()) ? key : null;

    private static void SetHeaders(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["Referrer-Policy"] = "same-origin";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    }

    private static async Task<IResult> RefuseAsync(HttpContext http, RefusalAudit audit)
    {
        await audit.AddAsync(Caller.Of(http).Actor, RefusalAudit.SignIn, $"{http.Request.Method} {Path}/{{token}}");
        const string Used = "This link was used, or is older than two minutes. infra/cpf open makes another.";
        return http.RequestServices.GetService<PeoplePages>() is { } pages
            ? pages.Refuse(http, StatusCodes.Status401Unauthorized, Used)
            : Results.Problem(Used, statusCode: StatusCodes.Status401Unauthorized);
    }

    // Browsers say which page sends a form; another site's must not sign anybody in.
    private static bool IsOfThisSite(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site ? site == "same-origin"
        : request.Headers.Origin.ToString() is not { Length: > 0 } origin || origin == $"{request.Scheme}://{request.Host}";
}
