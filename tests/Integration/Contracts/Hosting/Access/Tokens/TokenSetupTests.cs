using System.Net;
using System.Text;
using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting;
using CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Tokens;

/// <summary>Tokens of an issuer that the test makes, and a person who signs in there.</summary>
public sealed class TokenSetupTests(TestDatabases databases)
{
    // A name goes with a mark of the subject.
    private const string Ann = "ann (9370e9b2)";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_OfTheIssuer_GivesItsRolesAndEveryOtherIsRefused()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var other = await TestIssuer.StartAsync();
        await using var database = await databases.CreateAsync(Cancel);
        await using var service = await StartAsync(
            database, issuer, "--Access:Token:RolesPath", "realm_access.roles", "--Access:Token:RolePrefix", "cpf-",
            "--Access:Token:SourcesPath", "shops");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var roles = ("realm_access", (object?)new { roles = new[] { "cpf-read", "cpf-submit", "offline_access", "erase", "cpf-admin" } });

        Assert.Equal(
            $"{Ann} token:u-17 read+submit sources: a,b",
            await AskAsync(service, issuer.Token(roles, ("shops", new[] { "a", "b" })), "/who"));
        Assert.Equal($"{Ann} token:u-17 read+submit sources: ", await AskAsync(service, issuer.Token(roles), "/who"));
        Assert.Equal($"{Ann} token:u-17 read+submit sources: *", await AskAsync(service, issuer.Token(roles, ("shops", "*")), "/who"));
        Assert.Equal(
            "u-17 (9370e9b2) token:u-17 read+submit sources: ",
            await AskAsync(service, issuer.Token(roles, ("preferred_username", null)), "/who"));
        Assert.Equal("403", await AskAsync(service, issuer.Token(roles), "/erase"));
        Assert.Equal("403", await AskAsync(service, issuer.Token(), "/who"));
        Assert.Equal("403", await AskAsync(service, issuer.Token(("roles", new[] { "read" })), "/who")); // Not where the roles are.
        Assert.Equal("403", await AskAsync(service, issuer.Token(("realm_access", "cpf-read")), "/who"));

        string[] wrong =
        [
            other.Token(roles), other.Token(roles, ("iss", issuer.Address)), issuer.Token(roles, ("iss", other.Address)),
            issuer.Token(roles, ("aud", "others")), issuer.Token(roles, ("aud", null)), issuer.Token(roles, ("exp", now - 3600)),
            issuer.Token(roles, ("exp", null)), issuer.Token(roles, ("nbf", now + 3600)), issuer.Token(roles, ("sub", null)),
            issuer.Token(roles, ("iat", null)), issuer.Token(roles, ("iat", now - (2 * 86_400))), issuer.Token(roles, ("typ", "ID")),
            issuer.Forged("none"), issuer.Forged("HS256", Encoding.UTF8.GetBytes(issuer.PublicKey)),
            issuer.Token(roles)[..^4] + "AAAA", "a.b.c", "..", "x",
        ];
        foreach (var token in wrong)
        {
            Assert.Equal("401", await AskAsync(service, token, "/who"));
        }

        // A key is no token, and is asked for as before.
        Assert.StartsWith("test key:", await AskAsync(service, TestKey.Text, "/who"), StringComparison.Ordinal);
        var log = string.Join('\n', service.Log.All);
        Assert.DoesNotContain(wrong[0], log, StringComparison.Ordinal);
        Assert.DoesNotContain(wrong[0].Split('.')[2], log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Person_WhoSignsInAtTheIssuer_ComesBackWithACookie()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var database = await databases.CreateAsync(Cancel);
        await using var matcher = await RunningMatcher.StartAsync(database, Cancel, builder =>
        {
            builder.Configuration["Access:Token:Authority"] = issuer.Address;
            builder.Configuration["Access:Token:Audience"] = TestIssuer.Audience;
            builder.Configuration["Access:Person:ClientId"] = TestIssuer.ClientId;
        });
        issuer.Person["roles"] = new[] { "read", "review" };
        using var browser = new HttpClient(
            new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = matcher.Address };

        var signIn = await browser.GetStringAsync("/sign-in?to=/models", Cancel);
        Assert.Contains("href=\"/sign-in/person?to=%2Fmodels\"", signIn, StringComparison.Ordinal);
        using var shown = await browser.GetAsync("/sign-in/person?to=/models", Cancel); // There and back again, by redirects.

        Assert.Equal((HttpStatusCode.OK, "/models"), (shown.StatusCode, shown.RequestMessage!.RequestUri!.PathAndQuery));
        Assert.Contains($"Signed in as {Ann}", await shown.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/models/1/activate", Cancel)).StatusCode);

        // The session ends when an operator says so, and when nobody believes the issuer any more.
        Assert.Equal(1, await new ApiKeyRegister(database.DataSource, "test").SignOutAsync("token:u-17", Cancel));
        await Until.TrueAsync(async () => (await browser.GetAsync("/models", Cancel)).StatusCode == HttpStatusCode.Unauthorized);

        // An answer that nobody asked for signs nobody in.
        using var forged = new HttpClient { BaseAddress = matcher.Address };
        using var refused = await forged.GetAsync("/sign-in/person/done?code=1&state=2", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var led = await browser.GetAsync("/sign-in/person?to=//evil.example", Cancel);
        Assert.Equal(matcher.Address.Authority, led.RequestMessage!.RequestUri!.Authority);
    }

    [Fact]
    public async Task Token_OfAnIssuerThatDoesNotAnswer_Gets503AndWrongOnesAreLimited()
    {
        var issuer = await TestIssuer.StartAsync();
        await using var database = await databases.CreateAsync(Cancel);
        await using (var service = await StartAsync(
            database, issuer, "--Access:Limits:StrangersAtOnce", "3", "--Access:Limits:StrangersPerSecond", "1"))
        {
            var good = issuer.Token(("roles", new[] { "read" }));
            Assert.StartsWith(Ann, await AskAsync(service, good, "/who"), StringComparison.Ordinal);
            var answers = new List<string>();
            for (var i = 0; i < 6; i++)
            {
                answers.Add(await AskAsync(service, good[..^4] + "AAAA", "/who"));
            }

            Assert.Equal(["401", "429"], answers.Distinct().Order());
        }

        await using var later = await StartAsync(database, issuer);
        var token = issuer.Token(("roles", new[] { "read" }));
        await issuer.DisposeAsync();
        Assert.Equal("503", await AskAsync(later, token, "/who"));
    }

    [Fact]
    public async Task Start_WithPagesThatTakeTheTokensOfTheApis_IsRefused()
    {
        await using var database = await databases.CreateAsync(Cancel);

        var error = await Assert.ThrowsAsync<SettingException>(() => SmallService.StartAsync(
            database, _ => { }, null, "--Access:Token:Authority", "https://issuer.example", "--Access:Token:Audience", "cpf",
            "--Access:Person:ClientId", "cpf"));

        Assert.Contains("ClientId", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://issuer.example", "cpf", "https")]
    [InlineData("nonsense", "cpf", "https")]
    [InlineData("https://issuer.example", "", "Audience")]
    public async Task Start_WithAnIssuerThatCannotBeTrusted_IsRefused(string authority, string audience, string named)
    {
        await using var database = await databases.CreateAsync(Cancel);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => SmallService.StartAsync(
            database, _ => { }, null, "--Access:Token:Authority", authority, "--Access:Token:Audience", audience));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private static Task<SmallService> StartAsync(TestDatabase database, TestIssuer issuer, params string[] settings) =>
        SmallService.StartAsync(
            database,
            app =>
            {
                app.MapGet("/who", (HttpContext http) =>
                {
                    var caller = Caller.Of(http);
                    var sources = http.User.FindAll(CallerIdentity.Source).Select(c => c.Value);
                    return $"{caller.Name} {caller.Subject} {string.Join('+', AccessRole.All.Where(caller.Has))} sources: "
                        + string.Join(',', sources);
                }).Needs(AccessRole.Read);
                app.MapGet("/erase", () => "done").Needs(AccessRole.Erase);
            },
            null, ["--Access:Token:Authority", issuer.Address, "--Access:Token:Audience", TestIssuer.Audience, .. settings]);

    private static async Task<string> AskAsync(SmallService service, string token, string path)
    {
        using var client = service.Client(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var answer = await client.SendAsync(request, Cancel);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(Cancel) : $"{(int)answer.StatusCode}";
    }
}
