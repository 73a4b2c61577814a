using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Hosting.Access.Tokens;

/// <summary>What an issuer says of somebody, as an identity of ours. Nothing else of the token counts.</summary>
public static class TokenIdentity
{
    private const int MaxNameLength = 150;
    private const string Subject = "sub";
    private const int MarkBytes = 4;

    /// <summary>The identity; null when the token does not say who it is.</summary>
    /// <param name="scheme">See <see cref="AccessScheme"/>.</param>
    /// <param name="token">Of a token whose signature, issuer, audience and times are right.</param>
    /// <param name="options">Where to look.</param>
    public static ClaimsPrincipal? Of(string scheme, ClaimsPrincipal token, TokenOptions options)
    {
        if (token.FindFirstValue(Subject) is not { Length: > 0 } subject)
        {
            return null;
        }

        var name = new[] { options.NameClaim, "name", Subject }.Select(token.FindFirstValue).First(n => !string.IsNullOrWhiteSpace(n))!;
        var roles = TokenClaims.Read(token.Claims, options.RolesPath)
            .Where(r => r.StartsWith(options.RolePrefix, StringComparison.Ordinal)).Select(r => r[options.RolePrefix.Length..])
            .Where(AccessRole.All.Contains);
        IReadOnlyList<string> sources =
            options.SourcesPath.Length == 0 ? [CallerIdentity.EverySource] : TokenClaims.Read(token.Claims, options.SourcesPath);
        return CallerIdentity.Of(scheme, Marked(name, subject), CallerIdentity.TokenSubject + subject, roles, sources);
    }

    // Names at an issuer may change and recur. What somebody said goes by their name, so that it carries a mark of who they are, which they
    // cannot choose. No name of a key has brackets.
    private static string Marked(string name, string subject)
    {
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)).AsSpan(0, MarkBytes));
        return $"{(name.Length > MaxNameLength ? name[..MaxNameLength] : name)} ({mark})";
    }
}
