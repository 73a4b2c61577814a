using Microsoft.AspNetCore.Authorization;

namespace CpfPipeline.Hosting.Access.Roles;

/// <summary>A role that a request needs.</summary>
/// <param name="Role">See <see cref="Vocabulary.AccessRole"/>.</param>
public sealed record RoleRequirement(string Role) : IAuthorizationRequirement;
