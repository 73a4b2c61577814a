using System.Security.Claims;
using System.Security.Cryptography;
using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Keys;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CpfPipeline.Hosting.Access.Browsers;

/// <summary>
/// A browser that signed in keeps a signed cookie for twelve hours. It names the key; what the key may do, and whether it still may, is
/// looked up at each request.
/// </summary>
public static class BrowserSession
{
    /// <summary>Name of the cookie.</summary>
    public const string CookieName = "cpf-session";

    /// <summary>How long a browser stays signed in.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    // Which secret of the key the browser came with: the cookie ends with it.
    private const string SecretClaim = "secret";
    private const int SecretBytes = 8;

    /// <summary>Signs a browser in as a key.</summary>
    /// <param name="http">The browser's request.</param>
    /// <param name="key">The key.</param>
    /// <param name="secretSha256">SHA-256 of the secret that it came with; null: the current one.</param>
    public static Task BeginAsync(HttpContext http, ApiKey key, byte[]? secretSha256 = null)
    {
        var principal = CallerIdentity.Of(AccessScheme.Cookie, key);
        ((ClaimsIdentity)principal.Identity!).AddClaim(new Claim(SecretClaim, MarkOf(secretSha256 ?? key.SecretSha256)));
        return http.SignInAsync(AccessScheme.Cookie, principal);
    }

    /// <summary>Signs it out.</summary>
    public static Task EndAsync(HttpContext http) => http.SignOutAsync(AccessScheme.Cookie);

    /// <summary>How the cookie is kept and checked.</summary>
    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax; // Strict would lose it on the way back from an issuer's own page.
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = Lifetime;
        options.SlidingExpiration = false;
        options.Events.OnValidatePrincipal = CheckAsync;
        options.Events.OnSignedIn = NoteAsync;
    }

    private static string MarkOf(byte[] secretSha256) =>
        Convert.ToHexStringLower(SHA256.HashData(secretSha256).AsSpan(0, SecretBytes));

    private static async Task NoteAsync(CookieSignedInContext context)
    {
        var principal = context.Principal!;
        var address = Caller.Of(context.HttpContext).Address;
        await AuditStore.AppendAsync(
            context.HttpContext.RequestServices.GetRequiredService<NpgsqlDataSource>(),
            new AuditEntry(
                new Actor(principal.Identity!.Name!, principal.FindFirst(CallerIdentity.Subject)!.Value, address), "sign-in"),
            context.HttpContext.RequestAborted);
    }

    private static async Task CheckAsync(CookieValidatePrincipalContext context)
    {
        var subject = context.Principal?.FindFirst(CallerIdentity.Subject)?.Value ?? "";
        if (!subject.StartsWith(CallerIdentity.KeySubject, StringComparison.Ordinal))
        {
            return; // An issuer vouched for a person, for as long as the cookie lives.
        }

        var services = context.HttpContext.RequestServices;
        var key = await services.GetRequiredService<ApiKeyCache>()
            .FindAsync(subject[CallerIdentity.KeySubject.Length..], context.HttpContext.RequestAborted);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var mark = context.Principal!.FindFirst(SecretClaim)?.Value;
        if (key?.IsValidAt(now) == true
            && (mark == MarkOf(key.SecretSha256) || (now < key.FormerUntil && mark == MarkOf(key.FormerSha256!))))
        {
            context.ReplacePrincipal(CallerIdentity.Of(AccessScheme.Cookie, key));
        }
        else
        {
            context.RejectPrincipal();
        }
    }
}
