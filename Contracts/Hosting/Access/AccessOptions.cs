using System.ComponentModel.DataAnnotations;
using System.Net;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Hosting.Access;

/// <summary>Who is let in without a key, and whose word about addresses counts; section <c>Access</c>.</summary>
public sealed class AccessOptions : IValidatableObject
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Access";

    /// <summary>
    /// Roles of whoever reaches the service without signing in; only for services that nobody reaches but a gateway which authenticates.
    /// Default none.
    /// </summary>
    public IList<string> Anonymous { get; } = [];

    /// <summary>
    /// Addresses or networks (10.0.0.0/8) of proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed. Default none.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var role in Anonymous.Where(r => !AccessRole.All.Contains(r)))
        {
            yield return new ValidationResult(
                $"{Section}:Anonymous holds \"{role}\"; there are {string.Join(", ", AccessRole.All)}.", [nameof(Anonymous)]);
        }

        foreach (var proxy in TrustedProxies.Where(p => !IPAddress.TryParse(p, out _) && !IPNetwork.TryParse(p, out _)))
        {
            yield return new ValidationResult(
                $"{Section}:TrustedProxies holds \"{proxy}\", which is no address and no network such as 10.0.0.0/8.",
                [nameof(TrustedProxies)]);
        }
    }
}
