using Microsoft.AspNetCore.Authorization;

namespace CpfPipeline.Hosting.Access.Roles;

/// <summary>What an endpoint without a role needs, which nobody has. Where there is no endpoint at all, the answer may be 404.</summary>
public sealed record UndeclaredRequirement : IAuthorizationRequirement;
