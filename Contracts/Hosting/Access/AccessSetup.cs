using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Answers;
using CpfPipeline.Hosting.Access.Browsers;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Keys;
using CpfPipeline.Hosting.Access.Limits;
using CpfPipeline.Hosting.Access.Links;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Access.Tokens;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Hosting.Access;

/// <summary>
/// The one policy for all HTTP of all services: who signs in how, and that nothing is handed out or changed without the role that its
/// endpoint declares.
/// </summary>
public static class AccessSetup
{
    private static AuthorizationPolicy Undeclared { get; } =
        new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new UndeclaredRequirement()).Build();

    /// <summary>What it needs.</summary>
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;

        // A variable of the framework's would believe every proxy. Trusted ones are a setting of ours.
        builder.Configuration["ForwardedHeaders_Enabled"] = "false";
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.ConfigureOptions<ServerLimits>();
        services.TryAddSingleton(provider => new AccessDatabase(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton(provider => new ApiKeyStore(provider.GetRequiredService<AccessDatabase>().DataSource));
        services.AddSingleton<ApiKeyCache>();
        services.AddSingleton<ApiKeyCheck>();
        services.AddSingleton(provider => new BrowserLinkStore(provider.GetRequiredService<AccessDatabase>().DataSource));
        services.AddSingleton(provider => new BrowserSessionStore(provider.GetRequiredService<AccessDatabase>().DataSource));
        services.AddSingleton<SessionCache>();
        services.AddSingleton<StrangerLimit>();
        services.AddSingleton<RequestLimit>();
        services.AddSingleton<RefusalAudit>();
        AddSigning(services);
        services.AddOptions<TokenOptions>().BindConfiguration(TokenOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PersonOptions>().BindConfiguration(PersonOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var authentication = services.AddAuthentication(AccessScheme.Any)
            .AddPolicyScheme(AccessScheme.Any, null, options => options.ForwardDefaultSelector = SchemeOf)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(AccessScheme.Key, null)
            .AddCookie(AccessScheme.Cookie, BrowserSession.Configure);
        AddIssuer(builder, authentication);
        services.AddSingleton<IAuthorizationHandler, RoleHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswers>();
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(Undeclared).SetDefaultPolicy(Undeclared);
        services.Configure<AuthorizationOptions>(options =>
        {
            foreach (var role in AccessRole.All)
            {
                options.AddPolicy(NeededRole.PolicyOf(role), policy => policy.AddRequirements(new RoleRequirement(role)));
            }

            options.AddPolicy(
                NeededRole.PolicyOf(AccessRole.Read, AccessRole.Submit),
                policy => policy.AddRequirements(new RoleRequirement(AccessRole.Read, AccessRole.Submit)));
        });
    }

    /// <summary>Puts the policy in force. Comes before every endpoint, and behind what changes a request's path.</summary>
    public static void UseAccess(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<AccessOptions>>().Value;
        app.Use(AnswerHeaders.AddAsync);
        TrustedProxies.Use(app, options.TrustedProxies);
        app.UseRouting();
        app.UseAuthentication();
        if (options.Anonymous.Count > 0)
        {
            var roles = options.Anonymous.ToArray();
            Log.AnonymousRoles(app.Services.GetRequiredService<ILogger<AccessOptions>>(), string.Join(", ", roles));
            app.Use((http, next) => LetIn(http, next, roles));
        }

        app.UseRequestLimits();
        app.UseAuthorization();
        app.MapBrowserLinks();
    }

    private static string SchemeOf(HttpContext http) => ApiKeyHeader.Read(http.Request) is null ? AccessScheme.Cookie
        : ApiKeyHeader.BearerOf(http.Request) is { } bearer && !http.Request.Headers.ContainsKey(ApiKeyHeader.Name)
            && !bearer.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal)
            && http.RequestServices.GetRequiredService<IOptions<TokenOptions>>().Value.IsSet ? AccessScheme.Token
        : AccessScheme.Key;

    private static void AddIssuer(WebApplicationBuilder builder, AuthenticationBuilder authentication)
    {
        var token = builder.Configuration.GetSection(TokenOptions.Section).Get<TokenOptions>() ?? new TokenOptions();
        var person = builder.Configuration.GetSection(PersonOptions.Section).Get<PersonOptions>() ?? new PersonOptions();
        if (token.IsSet)
        {
            authentication.AddTokens(token);
        }

        if (token.IsSet && person.IsSet)
        {
            // The token that a person signs in with is for our pages. It must not open the APIs as well.
            if (person.ClientId == token.Audience)
            {
                throw new SettingException(
                    $"{PersonOptions.Section}:ClientId must not be {TokenOptions.Section}:Audience: a person's sign-in is no key.");
            }

            authentication.AddPeople(token, person);
        }
    }

    // Who sent a key that opens nothing is not let in as a stranger.
    private static Task LetIn(HttpContext http, RequestDelegate next, string[] roles)
    {
        if (http.User.Identity?.IsAuthenticated != true && ApiKeyHeader.Read(http.Request) is null)
        {
            http.User = CallerIdentity.Of(
                AccessScheme.Anonymous, CallerIdentity.Anonymous, CallerIdentity.Anonymous, roles, [CallerIdentity.EverySource]);
        }

        return next(http);
    }

    private static void AddSigning(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("CpfPipeline");

        // At the first key it warns that keys are not encrypted. They lie in the database, and its rights protect them.
        services.AddLogging(logging => logging.AddFilter(typeof(XmlKeyManager).FullName, LogLevel.Error));
        services.AddOptions<KeyManagementOptions>()
            .Configure<AccessDatabase>((options, database) => options.XmlRepository = new PageKeyRepository(database.DataSource));
    }
}
