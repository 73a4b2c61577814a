using Microsoft.AspNetCore.Authorization;

namespace CpfPipeline.Hosting.Access.Roles;

/// <summary>Of an endpoint: the role that it needs, or the several of which one is enough.</summary>
/// <param name="oneOf">See <see cref="Vocabulary.AccessRole"/>.</param>
public sealed class NeededRole(params IReadOnlyList<string> oneOf) : IAuthorizeData
{
    /// <summary>The roles of which one is enough.</summary>
    public IReadOnlyList<string> OneOf { get; } = oneOf;

    /// <inheritdoc/>
    public string? Policy { get; set; } = PolicyOf(oneOf);

    /// <inheritdoc/>
    public string? Roles { get; set; }

    /// <inheritdoc/>
    public string? AuthenticationSchemes { get; set; }

    /// <summary>Name of the policy of some roles.</summary>
    public static string PolicyOf(params IReadOnlyList<string> oneOf) => $"cpf-{string.Join('-', oneOf)}";
}
