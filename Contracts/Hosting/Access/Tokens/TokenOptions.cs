using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Hosting.Access.Tokens;

/// <summary>The issuer whose JSON web tokens are taken, section <c>Access:Token</c>. Without an authority none are.</summary>
public sealed class TokenOptions : IValidatableObject
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Access:Token";

    /// <summary>
    /// Address of the issuer, as it calls itself; its OpenID configuration lies below. https, unless it is on this machine. Default none.
    /// </summary>
    public string Authority { get; set; } = "";

    /// <summary>Whom tokens must be meant for (<c>aud</c>).</summary>
    public string Audience { get; set; } = "";

    /// <summary>Claim of the name; without it <c>name</c>, then <c>sub</c> counts. Default <c>preferred_username</c>.</summary>
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>
    /// Where the roles are: a claim, or a path into one, such as <c>realm_access.roles</c> or <c>resource_access.cpf.roles</c>. Default
    /// <c>roles</c>.
    /// </summary>
    public string RolesPath { get; set; } = "roles";

    /// <summary>What precedes the names of our roles there, such as <c>cpf-</c> of <c>cpf-read</c>. Default nothing.</summary>
    public string RolePrefix { get; set; } = "";

    /// <summary>
    /// Where the sources are that may be submitted to; <c>*</c> stands for all, and a token without any may submit to none. Default empty:
    /// all.
    /// </summary>
    public string SourcesPath { get; set; } = "";

    /// <summary>
    /// How old a token may be, however long it says that it lives; one that does not say when it was made is refused. Default 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Whether tokens are taken.</summary>
    public bool IsSet => Authority.Length > 0;

    /// <summary>Whether the issuer is on this machine.</summary>
    internal bool IsLocal => Uri.TryCreate(Authority, UriKind.Absolute, out var uri) && uri.IsLoopback;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsSet && (!Uri.TryCreate(Authority, UriKind.Absolute, out var uri) || !(uri.Scheme == Uri.UriSchemeHttps || IsLocal)))
        {
            yield return new ValidationResult($"{Section}:Authority must be an https:// address.", [nameof(Authority)]);
        }

        if (IsSet && (Audience.Length == 0 || RolesPath.Length == 0))
        {
            yield return new ValidationResult(
                $"{Section} needs Audience and RolesPath: tokens that the issuer made for others must not count.", [nameof(Audience)]);
        }
    }
}
