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
        routes.MapGet(Path + "/{token}", UseAsync).ForAnybody().ExcludeFromDescription();
    }

    private static async Task<IResult> MakeAsync(HttpContext http, BrowserLinkStore links, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        return Caller.Of(http).KeyId is { } keyId
            ? Results.Json(new BrowserLinkAnswer(
                $"{Path}/{await links.MakeAsync(keyId, cancellationToken)}", (int)BrowserLinkStore.Lifetime.TotalSeconds))
            : Results.Problem("Only a key gets a link.", statusCode: StatusCodes.Status403Forbidden);
    }

    private static async Task<IResult> UseAsync(
        string token, HttpContext http, BrowserLinkStore links, ApiKeyCache keys, RefusalAudit audit, TimeProvider time,
        [FromQuery] string? to, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        var key = await links.TakeAsync(token, cancellationToken) is { } keyId ? await keys.FindAsync(keyId, cancellationToken) : null;
        if (key?.IsValidAt(time.GetUtcNow()) != true)
        {
            await audit.AddAsync(Caller.Of(http).Actor, "sign-in", $"GET {Path}/{{token}}");
            const string Used = "This link was used, or is older than two minutes. infra/cpf open makes another.";
            return http.RequestServices.GetService<PeoplePages>() is { } pages
                ? pages.Refuse(http, StatusCodes.Status401Unauthorized, Used)
                : Results.Problem(Used, statusCode: StatusCodes.Status401Unauthorized);
        }

        await BrowserSession.BeginAsync(http, key);
        return Results.Redirect(LocalAddress.Or(to, "/"));
    }
}
