using CpfPipeline.Hosting.Access.Callers;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CpfPipeline.Hosting.Access.Roles;

/// <summary>Decides whether a request may be handled.</summary>
public sealed class RoleHandler : IAuthorizationHandler
{
    /// <inheritdoc/>
    public Task HandleAsync(AuthorizationHandlerContext context)
    {
        if (context.Resource is not HttpContext http)
        {
            return Task.CompletedTask; // Nothing of ours asks in another way, and what is not granted is refused.
        }

        foreach (var requirement in context.PendingRequirements.ToArray())
        {
            switch (requirement)
            {
                case RoleRequirement(var roles) when !roles.Any(Caller.Of(http).Has):
                    context.Fail(new AuthorizationFailureReason(this, $"This needs the role {string.Join(" or ", roles)}."));
                    break;
                case RoleRequirement when IsForeignForm(http):
                    context.Fail(new AuthorizationFailureReason(this, "A browser's cookie is not enough for this: send a key."));
                    break;
                case RoleRequirement:
                case UndeclaredRequirement when http.GetEndpoint() is not RouteEndpoint: // None, or the router's own for 405 and 415.
                    context.Succeed(requirement);
                    break;
                case UndeclaredRequirement:
                    context.Fail(new AuthorizationFailureReason(this, "Nobody may ask for this: it declares no role."));
                    break;
            }
        }

        return Task.CompletedTask;
    }

    // A browser sends its cookie with whatever another program of the same machine makes it post. Forms of the pages are signed.
    // What a gateway lets in by a cookie of its own is told apart by what browsers say of the page that asks.
    private static bool IsForeignForm(HttpContext http) =>
        !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) && Caller.Of(http).Scheme switch
        {
            AccessScheme.Cookie => IsUnsigned(http),
            AccessScheme.Anonymous => http.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"),
            _ => false,
        };

    private static bool IsUnsigned(HttpContext http) =>
        http.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<CheckedForm>() is null
        && metadata.GetMetadata<IAntiforgeryMetadata>() is not { RequiresValidation: true };
}
