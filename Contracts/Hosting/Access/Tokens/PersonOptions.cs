using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Hosting.Access.Tokens;

/// <summary>
/// How people sign in at the issuer of <see cref="TokenOptions"/> (OpenID Connect, code flow), section <c>Access:Person</c>. Without a
/// client they do not.
/// </summary>
public sealed class PersonOptions : IValidatableObject
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Access:Person";

    /// <summary>Path to which the issuer leads browsers back; it must be registered there.</summary>
    public const string CallbackPath = "/sign-in/person/done";

    /// <summary>Our name at the issuer. Default none.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>File with our secret at the issuer; empty for a public client.</summary>
    public string ClientSecretFile { get; set; } = "";

    /// <summary>What is asked for beside <c>openid</c>, separated by spaces. Default <c>profile</c>.</summary>
    public string Scopes { get; set; } = "profile";

    /// <summary>Whether people sign in there.</summary>
    public bool IsSet => ClientId.Length > 0;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ClientSecretFile.Length > 0 && !File.Exists(ClientSecretFile))
        {
            yield return new ValidationResult($"{Section}:ClientSecretFile names no file.", [nameof(ClientSecretFile)]);
        }
    }
}
