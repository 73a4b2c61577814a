using CpfPipeline.Hosting.Access.Answers;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Limits;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace CpfPipeline.Hosting.Access.Tokens;

/// <summary>Adds the framework's own handlers for tokens of an issuer, and for people who sign in there.</summary>
public static class TokenSetup
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    // Public keys only: with a shared secret, whoever knows the issuer's public key could sign.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Takes tokens in the header <c>Authorization</c>.</summary>
    public static void AddTokens(this AuthenticationBuilder authentication, TokenOptions token) =>
        authentication.AddJwtBearer(AccessScheme.Token, options =>
        {
            options.Authority = token.Authority;
            options.RequireHttpsMetadata = !token.IsLocal;
            options.MapInboundClaims = false;
            options.SaveToken = false;
            options.IncludeErrorDetails = false;
            Strict(options.TokenValidationParameters, token.Audience);
            options.Events = new JwtBearerEvents
            {
                OnMessageReceived = context =>
                {
                    // Checking a signature costs more than sending one.
                    if (!context.HttpContext.RequestServices.GetRequiredService<StrangerLimit>().MayTry(context.HttpContext))
                    {
                        context.Fail("Too many tries.");
                    }

                    return Task.CompletedTask;
                },
                OnAuthenticationFailed = async context =>
                {
                    context.HttpContext.RequestServices.GetRequiredService<StrangerLimit>().Take(context.HttpContext);
                    if (context.Exception is not ArgumentException
                        && !await HasKeysAsync(context.Options, context.HttpContext.RequestAborted))
                    {
                        // Without the issuer's keys nobody knows whether the token is good.
                        context.HttpContext.Features.Set(IssuerAway.Mark);
                        context.Fail(context.Exception);
                    }
                },
                OnTokenValidated = context =>
                {
                    if (ProblemOf(context.SecurityToken, token, context.HttpContext) is { } problem)
                    {
                        context.Fail(problem);
                    }
                    else if (TokenIdentity.Of(AccessScheme.Token, context.Principal!, token) is { } principal)
                    {
                        context.Principal = principal;
                    }
                    else
                    {
                        context.Fail("The token does not say who it is.");
                    }

                    return Task.CompletedTask;
                },
            };
        });

    /// <summary>Lets people sign in at the issuer; they come back with a cookie of ours.</summary>
    public static void AddPeople(this AuthenticationBuilder authentication, TokenOptions token, PersonOptions person) =>
        authentication.AddOpenIdConnect(AccessScheme.Person, options =>
        {
            options.Authority = token.Authority;
            options.RequireHttpsMetadata = !token.IsLocal;
            options.ClientId = person.ClientId;
            options.ClientSecret = person.ClientSecretFile.Length == 0 ? null : File.ReadAllText(person.ClientSecretFile).Trim();
            options.CallbackPath = PersonOptions.CallbackPath;
            options.RemoteSignOutPath = PathString.Empty; // Any page could sign people out there.
            options.SignedOutCallbackPath = PathString.Empty;
            options.SignInScheme = AccessScheme.Cookie;
            options.ResponseType = OpenIdConnectResponseType.Code;
            options.UsePkce = true;
            options.MapInboundClaims = false;
            options.SaveTokens = false;
            options.UseTokenLifetime = false;
            options.GetClaimsFromUserInfoEndpoint = false;

            // The issuer answers by an address, not by a form of its own: the cookies of the way need not go to other sites.
            options.ResponseMode = OpenIdConnectResponseMode.Query;
            options.CorrelationCookie.SameSite = SameSiteMode.Lax;
            options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.NonceCookie.SameSite = SameSiteMode.Lax;
            options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.Scope.Clear();
            foreach (var scope in person.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend("openid"))
            {
                options.Scope.Add(scope);
            }

            Strict(options.TokenValidationParameters, person.ClientId);
            options.Events = new OpenIdConnectEvents
            {
                OnMessageReceived = async context =>
                {
                    // Each answer that comes back is taken to the issuer.
                    if (!context.HttpContext.RequestServices.GetRequiredService<StrangerLimit>().TakeForLookUp(context.HttpContext))
                    {
                        context.HandleResponse();
                        context.Response.Headers.RetryAfter = "1";
                        await Results.Problem(
                            "Too many requests. Ask again after the seconds in Retry-After.",
                            statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(context.HttpContext);
                    }
                },
                OnTokenValidated = context =>
                {
                    context.Principal = TokenIdentity.Of(AccessScheme.Cookie, context.Principal!, token);
                    if (context.Principal is null)
                    {
                        context.Fail("The token does not say who it is.");
                    }

                    return Task.CompletedTask;
                },
                OnRemoteFailure = context =>
                {
                    // For example somebody said no there. The reason may hold what the issuer sent, so it is not shown.
                    context.HandleResponse();
                    var status = context.Failure is HttpRequestException or TaskCanceledException or InvalidOperationException
                        ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized;
                    const string Reason = "Signing in did not succeed. Try again.";
                    return (context.HttpContext.RequestServices.GetService<PeoplePages>() is { } pages
                        ? pages.Refuse(context.HttpContext, status, Reason) : Results.Problem(Reason, statusCode: status))
                        .ExecuteAsync(context.HttpContext);
                },
            };
        });

    // What was loaded once is kept. The framework says of a token that nobody could check only that its signature is not right.
    private static async Task<bool> HasKeysAsync(JwtBearerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return (await options.ConfigurationManager!.GetConfigurationAsync(cancellationToken)).SigningKeys.Count > 0;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            return false;
        }
    }

    // A token lives as long as its issuer says, but is not believed for ever. One that a person signs in with is none for the APIs.
    private static string? ProblemOf(SecurityToken token, TokenOptions options, HttpContext http)
    {
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return token is not JsonWebToken jwt ? "This is no JSON web token."
            : jwt.IssuedAt == default ? "The token does not say when it was made."
            : now - jwt.IssuedAt > options.MaxAge + ClockSkew ? "The token is too old."
            : jwt.TryGetPayloadValue<string>("typ", out var type) && type == "ID" ? "The token is for signing in."
            : null;
    }

    private static void Strict(TokenValidationParameters parameters, string audience)
    {
        parameters.ValidateIssuer = true;
        parameters.ValidateAudience = true;
        parameters.ValidAudience = audience;
        parameters.ValidateLifetime = true;
        parameters.RequireExpirationTime = true;
        parameters.RequireSignedTokens = true;
        parameters.ValidateIssuerSigningKey = true;
        parameters.ValidAlgorithms = Algorithms;
        parameters.ClockSkew = ClockSkew;
    }
}
