using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Keys;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

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

    /// <summary>Signs a browser in as a key.</summary>
    public static Task BeginAsync(HttpContext http, ApiKey key) =>
        http.SignInAsync(AccessScheme.Cookie, CallerIdentity.Of(AccessScheme.Cookie, key));

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
        if (key?.IsValidAt(services.GetRequiredService<TimeProvider>().GetUtcNow()) == true)
        {
            context.ReplacePrincipal(CallerIdentity.Of(AccessScheme.Cookie, key));
        }
        else
        {
            context.RejectPrincipal();
        }
    }
}
