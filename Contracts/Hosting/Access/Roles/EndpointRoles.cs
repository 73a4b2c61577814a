using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace CpfPipeline.Hosting.Access.Roles;

/// <summary>Says what an endpoint needs. One that says nothing is refused.</summary>
public static class EndpointRoles
{
    /// <summary>The endpoint, or each of a group, needs a role.</summary>
    /// <param name="endpoint">The endpoint or group.</param>
    /// <param name="role">See <see cref="AccessRole"/>.</param>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, string role)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new NeededRole(role));

    /// <summary>
    /// Who may read may ask, and who may submit: the endpoint tells these of their own sources only, by <see cref="Callers.Caller.Sees"/>.
    /// </summary>
    public static TBuilder NeedsReadOrSubmit<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new NeededRole(AccessRole.Read, AccessRole.Submit));

    /// <summary>The endpoint answers everybody: it reveals nothing and changes nothing.</summary>
    public static TBuilder ForAnybody<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AllowAnonymousAttribute());
}
