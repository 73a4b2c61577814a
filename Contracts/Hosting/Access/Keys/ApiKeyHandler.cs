using System.Text.Encodings.Web;
using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Limits;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Hosting.Access.Keys;

/// <summary>Signs a request in by the key in its headers.</summary>
public sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyCache keys, ApiKeyCheck check,
    StrangerLimit strangers)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (ApiKeyHeader.Read(Request) is not { } given)
        {
            return AuthenticateResult.NoResult();
        }

        if (ApiKeyText.TryParse(given) is not { } text)
        {
            return AuthenticateResult.Fail("This is no key.");
        }

        // Guesses do not reach the database faster than strangers may ask, on any route.
        if (!keys.Knows(text.KeyId) && !strangers.TakeForLookUp(Context))
        {
            return AuthenticateResult.Fail("Too many tries.");
        }

        return await check.FindAsync(text, Context.RequestAborted) is { } key
            ? AuthenticateResult.Success(new AuthenticationTicket(CallerIdentity.Of(AccessScheme.Key, key), AccessScheme.Key))
            : AuthenticateResult.Fail("This key opens nothing.");
    }
}
