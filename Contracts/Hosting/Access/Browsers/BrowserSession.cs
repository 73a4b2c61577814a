using System.Security.Claims;
using System.Security.Cryptography;
using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Keys;
using CpfPipeline.Hosting.Access.Tokens;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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
    private const string SessionClaim = "session";
    private const int SecretBytes = 8;

    /// <summary>Signs a browser in as a key.</summary>
    /// <param name="http">The browser's request.</param>
    /// <param name="key">The key.</param>
    /// <param name="secretSha256">SHA-256 of the secret that it came with; null: the current one.</param>
    public static Task BeginAsync(HttpContext http, ApiKey key, byte[]? secretSha256 = null)
    {
        var principal = CallerIdentity.Of(AccessScheme.Cookie, key);
        Add(principal, SecretClaim, MarkOf(secretSha256 ?? key.SecretSha256));
        return http.SignInAsync(AccessScheme.Cookie, principal);
    }

    /// <summary>Signs it out: the session ends, so that a copy of the cookie opens nothing either.</summary>
    public static async Task EndAsync(HttpContext http)
    {
        if (http.User.FindFirst(SessionClaim)?.Value is { } session)
        {
            await http.RequestServices.GetRequiredService<SessionCache>().EndAsync(session, http.RequestAborted);
        }

        await http.SignOutAsync(AccessScheme.Cookie);
    }

    /// <summary>How the cookie is kept and checked.</summary>
    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax; // Strict would lose it on the way back from an issuer's own page.
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = Lifetime;
        options.SlidingExpiration = false;
        options.Events.OnSigningIn = StartAsync;
        options.Events.OnValidatePrincipal = CheckAsync;
    }

    private static void Add(ClaimsPrincipal principal, string claim, string value) =>
        ((ClaimsIdentity)principal.Identity!).AddClaim(new Claim(claim, value));

    private static string MarkOf(byte[] secretSha256) =>
        Convert.ToHexStringLower(SHA256.HashData(secretSha256).AsSpan(0, SecretBytes));

    private static async Task StartAsync(CookieSigningInContext context)
    {
        var principal = context.Principal!;
        var who = new Actor(
            principal.Identity!.Name!, principal.FindFirst(CallerIdentity.Subject)!.Value, Caller.Of(context.HttpContext).Address);
        var sessions = context.HttpContext.RequestServices.GetRequiredService<BrowserSessionStore>();
        Add(principal, SessionClaim, await sessions.BeginAsync(who, Lifetime, context.HttpContext.RequestAborted));
    }

    private static async Task CheckAsync(CookieValidatePrincipalContext context)
    {
        if (context.Principal?.FindFirst(SessionClaim)?.Value is not { } session)
        {
            context.RejectPrincipal();
            return;
        }

        var (isOpen, isRemembered) = await context.HttpContext.RequestServices.GetRequiredService<SessionCache>()
            .FindAsync(session, context.HttpContext.RequestAborted);
        var now = isOpen ? await NowAsync(context, isRemembered) : null;
        if (now is null)
        {
            context.RejectPrincipal();
            return;
        }

        Add(now, SessionClaim, session);
        context.ReplacePrincipal(now);
    }

    // Who it is now; null: nobody any more.
    private static async Task<ClaimsPrincipal?> NowAsync(CookieValidatePrincipalContext context, bool isRemembered)
    {
        var services = context.HttpContext.RequestServices;
        var was = context.Principal!;
        var subject = was.FindFirst(CallerIdentity.Subject)?.Value ?? "";
        if (!subject.StartsWith(CallerIdentity.KeySubject, StringComparison.Ordinal))
        {
            // An issuer vouched for a person, for as long as the session lives and the issuer is believed.
            return services.GetRequiredService<IOptions<TokenOptions>>().Value.IsSet ? CallerIdentity.Again(was, isRemembered) : null;
        }

        var key = await services.GetRequiredService<ApiKeyCache>()
            .FindAsync(subject[CallerIdentity.KeySubject.Length..], context.HttpContext.RequestAborted);
        var time = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var mark = was.FindFirst(SecretClaim)?.Value;
        return key?.IsValidAt(time) == true
            && (mark == MarkOf(key.SecretSha256) || (time < key.FormerUntil && mark == MarkOf(key.FormerSha256!)))
            ? CallerIdentity.Of(AccessScheme.Cookie, key) : null;
    }
}
