using Microsoft.AspNetCore.Authorization;

namespace CpfPipeline.Hosting.Access.Roles;

/// <summary>A role that a request needs.</summary>
/// <param name="OneOf">The roles of which one is enough.</param>
public sealed record RoleRequirement(params IReadOnlyList<string> OneOf) : IAuthorizationRequirement;
