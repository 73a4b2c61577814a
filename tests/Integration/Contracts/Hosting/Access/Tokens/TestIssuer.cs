using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Tokens;

/// <summary>An OpenID issuer of the test: its configuration, its public key, and a person who says yes to everything.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "cpf";
    public const string ClientId = "cpf-pages";

    private readonly RSA _key = RSA.Create(2048);
    private readonly Dictionary<string, (string Nonce, string Challenge)> _codes = [];
    private readonly WebApplication _app;

    private TestIssuer(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>Claims of the person who signs in.</summary>
    public Dictionary<string, object> Person { get; } = [];

    /// <summary>The public key, as text.</summary>
    public string PublicKey => _key.ExportSubjectPublicKeyInfoPem();

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = issuer.Address, ["jwks_uri"] = issuer.Address + "/keys",
            ["authorization_endpoint"] = issuer.Address + "/authorize",
            ["token_endpoint"] = issuer.Address + "/token", ["response_types_supported"] = new[] { "code" },
            ["subject_types_supported"] = new[] { "public" }, ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
        }));
        app.MapGet("/keys", issuer.Keys);
        app.MapGet("/authorize", issuer.Authorize);
        app.MapPost("/token", (Delegate)issuer.TokenAsync);
        await app.StartAsync();
        return issuer;
    }

    /// <summary>A token with the usual claims and the given ones beside or in place of them; null leaves one out.</summary>
    public string Token(params (string Name, object? Value)[] claims) => Sign("RS256", Payload(Audience, claims));

    /// <summary>A token signed in another way.</summary>
    /// <param name="algorithm">RS256, HS256 with a secret, or none.</param>
    /// <param name="secret">For HS256.</param>
    public string Forged(string algorithm, byte[]? secret = null) =>
        Sign(algorithm, Payload(Audience, ("roles", new[] { "read" })), secret);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private IResult Keys()
    {
        var key = _key.ExportParameters(false);
        return Results.Json(new
        {
            keys = new[]
            {
                new { kty = "RSA", use = "sig", kid = "1", alg = "RS256", n = Base64(key.Modulus!), e = Base64(key.Exponent!) },
            },
        });
    }

    private IResult Authorize(HttpContext http)
    {
        var query = http.Request.Query;
        if (query["client_id"] != ClientId || query["code_challenge_method"] != "S256" || query["response_type"] != "code")
        {
            return Results.BadRequest();
        }

        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (query["nonce"].ToString(), query["code_challenge"].ToString());
        return Results.Redirect($"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"].ToString())}");
    }

    private async Task<IResult> TokenAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        if (!_codes.Remove(form["code"].ToString(), out var asked)
            || Base64(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != asked.Challenge)
        {
            return Results.BadRequest();
        }

        (string, object?)[] claims = [("nonce", asked.Nonce), .. Person.Select(p => (p.Key, (object?)p.Value))];
        return Results.Json(new Dictionary<string, object>
        {
            ["access_token"] = "unused", ["token_type"] = "Bearer", ["expires_in"] = 60,
            ["id_token"] = Sign("RS256", Payload(ClientId, claims)),
        });
    }

    private Dictionary<string, object> Payload(string audience, params (string Name, object? Value)[] claims)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var payload = new Dictionary<string, object>
        {
            ["iss"] = Address, ["aud"] = audience, ["sub"] = "u-17", ["iat"] = now, ["nbf"] = now - 10, ["exp"] = now + 300,
            ["preferred_username"] = "ann",
        };
        foreach (var (name, value) in claims)
        {
            if (value is null)
            {
                payload.Remove(name);
            }
            else
            {
                payload[name] = value;
            }
        }

        return payload;
    }

    private string Sign(string algorithm, Dictionary<string, object> payload, byte[]? secret = null)
    {
        var header = Base64(JsonSerializer.SerializeToUtf8Bytes(new { alg = algorithm, typ = "JWT", kid = "1" }));
        var text = $"{header}.{Base64(JsonSerializer.SerializeToUtf8Bytes(payload))}";
        var bytes = Encoding.ASCII.GetBytes(text);
        return $"{text}." + algorithm switch
        {
            "RS256" => Base64(_key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            "HS256" => Base64(HMACSHA256.HashData(secret!, bytes)),
            _ => "",
        };
    }

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
