using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Keys;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Access.Answers;

/// <summary>
/// Answers those who may not: 401 with <c>WWW-Authenticate</c> to who did not sign in, 403 to who lacks a role; both with the reason as
/// problem details. A browser that asks for a page is led to the page where people sign in, where the service has one.
/// </summary>
public sealed class AccessAnswers(RefusalAudit audit) : IAuthorizationMiddlewareResultHandler
{
    private const string Challenge = "Bearer realm=\"CpfPipeline\"";

    /// <inheritdoc/>
    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return next(context);
        }

        return authorizeResult.Challenged || Caller.Of(context).Scheme is AccessScheme.Anonymous
            ? AskAsync(context)
            : RefuseAsync(
                context, authorizeResult.AuthorizationFailure?.FailureReasons.FirstOrDefault()?.Message ?? "You may not do this.");
    }

    private async Task AskAsync(HttpContext http)
    {
        var given = ApiKeyHeader.Read(http.Request) is not null;
        http.Response.Headers.CacheControl = "no-store";
        if (!given && PagesFor(http) is { } pages && HttpMethods.IsGet(http.Request.Method))
        {
            var to = Uri.EscapeDataString(http.Request.Path + http.Request.QueryString);
            http.Response.Redirect($"{pages.SignIn}?to={to}");
            return;
        }

        if (http.Features.Get<IssuerAway>() is not null)
        {
            http.Response.Headers.RetryAfter = "5";
            await Results.Problem(
                "The issuer of this token does not answer, so that nobody knows whether it is good. Ask again.",
                statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(http);
            return;
        }

        if (given)
        {
            await audit.AddAsync(Stranger(http), RefusalAudit.SignIn, AuditedRefusal.RouteOf(http));
        }

        http.Response.Headers.WWWAuthenticate = given ? $"{Challenge}, error=\"invalid_token\"" : Challenge;
        await Results.Problem(
            given ? "This key or token opens nothing: it is unknown, wrong, expired or revoked."
                : "Send a key: Authorization: Bearer cpf_..., or X-Api-Key. infra/cpf keys makes one.",
            statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(http);
    }

    private async Task RefuseAsync(HttpContext http, string reason)
    {
        if (Caller.Of(http).IsRemembered)
        {
            http.Response.Headers.RetryAfter = "5";
            await Results.Problem(
                "The database cannot be asked now, and without it only looking is allowed. Ask again.",
                statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(http);
            return;
        }

        await audit.AddAsync(Caller.Of(http).Actor, "request", AuditedRefusal.RouteOf(http));
        http.Response.Headers.CacheControl = "no-store";
        await (PagesFor(http) is { } pages ? pages.Refuse(http, StatusCodes.Status403Forbidden, reason)
            : Results.Problem(reason, statusCode: StatusCodes.Status403Forbidden)).ExecuteAsync(http);
    }

    // The public part of a key is no secret, and tells which key somebody tries to use.
    private static Actor Stranger(HttpContext http) => Caller.Of(http).Actor with
    {
        Subject = ApiKeyText.TryParse(ApiKeyHeader.Read(http.Request)) is { } key
            ? CallerIdentity.KeySubject + key.KeyId : CallerIdentity.Anonymous,
    };

    private static PeoplePages? PagesFor(HttpContext http) =>
        http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            ? http.RequestServices.GetService<PeoplePages>() : null;
}
