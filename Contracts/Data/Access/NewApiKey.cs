using System.Text.RegularExpressions;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Data.Access;

/// <summary>A key to be made.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Sources">Sources that it may submit to; empty: all.</param>
/// <param name="ExpiresAt">From when on it is refused; null: never.</param>
public sealed partial record NewApiKey(
    string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> Sources, DateTimeOffset? ExpiresAt = null)
{
    private const int MaxSourceLength = 200;

    /// <summary>Whether it may say global product keys. Unless told otherwise a key that is bound to sources may not.</summary>
    public bool GlobalKeys { get; init; } = Sources.Count == 0;

    /// <summary>What is wrong with it, or null.</summary>
    /// <param name="now">The present time.</param>
    public string? Problem(DateTimeOffset now) =>
        !Form().IsMatch(Name) ? "a name has 1 to 100 letters, digits, and . _ @ -"
        : Roles.Count == 0 ? $"a key needs a role: {string.Join(", ", AccessRole.All)}"
        : Roles.FirstOrDefault(r => !AccessRole.All.Contains(r)) is { } role
            ? $"there is no role {role}; there are {string.Join(", ", AccessRole.All)}"
        : Sources.Count > 0 && !Roles.Contains(AccessRole.Submit) ? "only the role submit is bound to sources"
        : Sources.Contains("*") ? "leave the sources out for all of them; * is none"
        : Sources.Any(s => string.IsNullOrWhiteSpace(s) || s.Length > MaxSourceLength)
            ? $"a source has 1 to {MaxSourceLength} characters"
        : ExpiresAt <= now ? "it would expire in the past"
        : null;

    [GeneratedRegex("^[A-Za-z0-9._@-]{1,100}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
