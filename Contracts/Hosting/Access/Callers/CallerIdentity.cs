using System.Security.Claims;
using CpfPipeline.Data.Access;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Hosting.Access.Callers;

/// <summary>What every way of signing in makes: one identity with these claims and no others.</summary>
public static class CallerIdentity
{
    /// <summary>Claim of the name.</summary>
    public const string Name = "name";

    /// <summary>
    /// Claim of who it is: <c>key:ID</c>, <c>token:SUBJECT</c> or <c>anonymous</c>. The pages' forms are signed for it.
    /// </summary>
    public const string Subject = "sub";

    /// <summary>Claim of a role; see <see cref="AccessRole"/>.</summary>
    public const string Role = "role";

    /// <summary>Claim of a source that may be submitted to, or <see cref="EverySource"/>.</summary>
    public const string Source = "source";

    /// <summary>Claim of whoever may say global product keys, which count for all sources.</summary>
    public const string GlobalKeys = "global-keys";

    /// <summary>Claim that the roles are cut, because the database cannot be asked.</summary>
    public const string Remembered = "remembered";

    /// <summary>All sources.</summary>
    public const string EverySource = "*";

    /// <summary>Begins the subject of a key.</summary>
    public const string KeySubject = "key:";

    /// <summary>Begins the subject of a person or program that an issuer vouches for.</summary>
    public const string TokenSubject = "token:";

    /// <summary>Somebody who was let in without saying who they are.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>An identity.</summary>
    /// <param name="scheme">How it signed in; see <see cref="AccessScheme"/>.</param>
    /// <param name="name">Name.</param>
    /// <param name="subject">Who it is.</param>
    /// <param name="roles">What it may do.</param>
    /// <param name="sources">Sources that it may submit to; <see cref="EverySource"/> stands for all.</param>
    public static ClaimsPrincipal Of(
        string scheme, string name, string subject, IEnumerable<string> roles, IEnumerable<string> sources) => new(
        new ClaimsIdentity(
            [
                new(Name, name), new(Subject, subject),
                .. roles.Distinct().Select(r => new Claim(Role, r)), .. sources.Distinct().Select(s => new Claim(Source, s)),
            ],
            scheme, Name, Role));

    /// <summary>The identity of a person whose browser is signed in, at a further request.</summary>
    /// <param name="was">What the cookie says.</param>
    /// <param name="isRemembered">Whether the database cannot be asked: then they only look.</param>
    public static ClaimsPrincipal Again(ClaimsPrincipal was, bool isRemembered)
    {
        IEnumerable<string> Values(string claim) => was.FindAll(claim).Select(c => c.Value);
        var again = Of(
            AccessScheme.Cookie, was.FindFirst(Name)?.Value ?? Anonymous, was.FindFirst(Subject)!.Value,
            Values(Role).Where(r => !isRemembered || r == AccessRole.Read), Values(Source));
        if (isRemembered)
        {
            ((ClaimsIdentity)again.Identity!).AddClaim(new Claim(Remembered, "true"));
        }

        return again;
    }

    /// <summary>The identity of a key.</summary>
    public static ClaimsPrincipal Of(string scheme, ApiKey key)
    {
        var principal = Of(scheme, key.Name, KeySubject + key.KeyId, key.Roles, key.Sources.Count == 0 ? [EverySource] : key.Sources);
        var identity = (ClaimsIdentity)principal.Identity!;
        if (key.IsRemembered)
        {
            identity.AddClaim(new Claim(Remembered, "true"));
        }

        if (key.GlobalKeys)
        {
            identity.AddClaim(new Claim(GlobalKeys, "true"));
        }

        return principal;
    }
}
