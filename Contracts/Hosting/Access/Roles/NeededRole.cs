using Microsoft.AspNetCore.Authorization;

namespace CpfPipeline.Hosting.Access.Roles;

/// <summary>Of an endpoint: the one role that it needs.</summary>
/// <param name="role">See <see cref="Vocabulary.AccessRole"/>.</param>
public sealed class NeededRole(string role) : IAuthorizeData
{
    /// <summary>The role.</summary>
    public string Role { get; } = role;

    /// <inheritdoc/>
    public string? Policy { get; set; } = PolicyOf(role);

    /// <inheritdoc/>
    public string? Roles { get; set; }

    /// <inheritdoc/>
    public string? AuthenticationSchemes { get; set; }

    /// <summary>Name of the policy of a role.</summary>
    public static string PolicyOf(string role) => $"cpf-{role}";
}
