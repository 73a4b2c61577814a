using System.Net;
using System.Text.Json.Nodes;
using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Limits;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access;

/// <summary>The policy on a service with routes of the test's own.</summary>
public sealed class AccessSetupTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_ForAnEndpointWithoutARole_IsRefusedWhoeverAsks()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var service = await SmallService.StartAsync(database, app =>
        {
            app.MapGet("/forgotten", () => "secret");
            app.MapGet("/authorized", () => "secret").RequireAuthorization();
            app.MapGet("/read", (HttpContext http) => Caller.Of(http).Name).Needs(AccessRole.Read);
        });
        using var all = service.Client(TestKey.Text);
        using var nobody = service.Client(null);

        Assert.Equal(HttpStatusCode.Forbidden, (await all.GetAsync("/forgotten", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await all.GetAsync("/authorized", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/forgotten", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await all.GetAsync("/nowhere", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/nowhere", Token)).StatusCode);
        Assert.Equal(TestKey.Name, await all.GetStringAsync("/read", Token));
    }

    [Fact]
    public async Task Request_WithAKeyThatOpensNothing_Gets401AndTheSecretIsNowhere()
    {
        await using var database = await databases.CreateAsync(Token);
        var expired = await TestKey.MakeAsync(database, "expired", [AccessRole.Read]);
        await database.ExecuteAsync("update cpf.api_keys set expires_at = now() - interval '1 second' where name = 'expired'");
        var revoked = await TestKey.MakeAsync(database, "revoked", [AccessRole.Read]);
        await database.ExecuteAsync("update cpf.api_keys set revoked_at = now() where name = 'revoked'");
        var good = ApiKeyText.TryParse(TestKey.Text)!;
        var wrong = (ApiKeyText.Make() with { KeyId = good.KeyId }).Reveal();
        string[] bad =
        [
            expired, revoked, wrong, ApiKeyText.Make().Reveal(), TestKey.Text[..^1], TestKey.Text + "0", TestKey.Text.ToUpperInvariant(),
            "cpf_", "cpf__", "", "x", TestKey.Text + "," + TestKey.Text, new string('a', 4000),
        ];
        await using var service = await SmallService.StartAsync(database, app =>
        {
            app.MapGet("/read", () => "secret").Needs(AccessRole.Read);
            app.MapGet("/broken", string () => throw new InvalidOperationException("broken")).Needs(AccessRole.Read);
        });
        using var client = service.Client(null);

        foreach (var key in bad)
        {
            foreach (var (header, value) in new[] { ("X-Api-Key", key), ("Authorization", $"Bearer {key}") })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/read");
                request.Headers.TryAddWithoutValidation(header, value);
                using var answer = await client.SendAsync(request, Token);
                var text = await answer.Content.ReadAsStringAsync(Token);
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
                Assert.StartsWith("Bearer realm=", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
                Assert.Equal(401, (int)JsonNode.Parse(text)!["status"]!);
                Assert.True(key.Length < 10 || !text.Contains(key, StringComparison.Ordinal));
            }
        }

        // Both headers name the same key, a basic password is none, and what fails within does not show it either.
        using var all = service.Client(TestKey.Text);
        Assert.Equal(HttpStatusCode.OK, (await all.GetAsync("/read", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await all.GetAsync("/broken", Token)).StatusCode);
        using var basic = new HttpRequestMessage(HttpMethod.Get, "/read");
        basic.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"me:{TestKey.Text}")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(basic, Token)).StatusCode);

        var log = string.Join('\n', service.Log.All);
        Assert.Contains("broken", log, StringComparison.Ordinal); // Lines are kept.
        Assert.DoesNotContain(good.Secret, log, StringComparison.OrdinalIgnoreCase);
        Assert.All(
            bad.Select(ApiKeyText.TryParse).OfType<ApiKeyText>(), k => Assert.DoesNotContain(k.Secret, log, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Key_RevokedExpiredOrRotated_StopsWithinFiveSeconds()
    {
        var clock = new SetClock();
        await using var database = await databases.CreateAsync(Token);
        var revoked = await TestKey.MakeAsync(database, "revoked", [AccessRole.Read]);
        var expiring = await TestKey.MakeAsync(database, "expiring", [AccessRole.Read], expiresAt: clock.GetUtcNow().AddHours(1));
        var first = await TestKey.MakeAsync(database, "rotated", [AccessRole.Read]);
        await using var service = await SmallService.StartAsync(
            database, app => app.MapGet("/read", () => "secret").Needs(AccessRole.Read), clock);
        var second = ApiKeyText.Make() with { KeyId = ApiKeyText.TryParse(first)!.KeyId };
        var register = new ApiKeyRegister(database.DataSource, "test");

        Assert.All(await StatusesAsync(revoked, expiring, first), s => Assert.Equal(HttpStatusCode.OK, s));
        await register.RevokeAsync(ApiKeyText.TryParse(revoked)!.KeyId, Token);
        await register.RotateAsync(second, TimeSpan.FromHours(1), Token);
        clock.Forward(TimeSpan.FromSeconds(5));
        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK],
            await StatusesAsync(revoked, expiring, first, second.Reveal()));
        clock.Forward(TimeSpan.FromMinutes(61));
        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK],
            await StatusesAsync(expiring, first, second.Reveal()));

        Assert.False(await register.RotateAsync(ApiKeyText.TryParse(revoked)!, TimeSpan.Zero, Token));
        Assert.False(await register.RevokeAsync(ApiKeyText.TryParse(revoked)!.KeyId, Token));
        Assert.Equal(1L, await database.ScalarAsync<long>(
            "select count(*) from cpf.api_keys where last_used_at is not null and name = 'rotated'"));

        async Task<List<HttpStatusCode>> StatusesAsync(params string[] keys)
        {
            var statuses = new List<HttpStatusCode>();
            foreach (var key in keys)
            {
                using var client = service.Client(key);
                statuses.Add((await client.GetAsync("/read", Token)).StatusCode);
            }

            return statuses;
        }
    }

    [Fact]
    public async Task Key_WhileTheDatabaseIsGone_OnlyLooksAndOnlyForMinutes()
    {
        var clock = new SetClock();
        await using var database = await databases.CreateAsync(Token);
        await using var server = new FaultyPostgres(database.ConnectionString);
        await using var connections = NpgsqlDataSource.Create(server.ConnectionString);
        var late = await TestKey.MakeAsync(database, "late", [AccessRole.Read]);
        await using var service = await SmallService.StartAsync(
            connections,
            app =>
            {
                app.MapGet("/read", () => "shown").Needs(AccessRole.Read);
                app.MapGet("/operate", () => "done").Needs(AccessRole.Operate);
            },
            clock);
        using var client = service.Client(TestKey.Text);
        using var unknown = service.Client(late);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/operate", Token)).StatusCode);

        server.BreakAt(1, Break.BeforeTheStatement);
        clock.Forward(TimeSpan.FromSeconds(5));

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/read", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/operate", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await unknown.GetAsync("/read", Token)).StatusCode);
        clock.Forward(TimeSpan.FromMinutes(11));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/read", Token)).StatusCode);
    }

    [Fact]
    public async Task Requests_BeyondTheRate_Get429AndRetryAfter()
    {
        await using var database = await databases.CreateAsync(Token);
        var other = await TestKey.MakeAsync(database, "other", [AccessRole.Read]);
        await using var service = await SmallService.StartAsync(
            database, app => app.MapGet("/read", () => "shown").Needs(AccessRole.Read), null,
            "--Access:Limits:RequestsAtOnce", "5", "--Access:Limits:RequestsPerSecond", "1", "--Access:Limits:StrangersAtOnce", "4",
            "--Access:Limits:StrangersPerSecond", "1");
        using var client = service.Client(TestKey.Text);
        using var guesser = service.Client(ApiKeyText.Make().Reveal());
        using var second = service.Client(other);

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            using var answer = await client.GetAsync("/read", Token);
            statuses.Add(answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        Assert.Equal(5, statuses.TakeWhile(s => s == HttpStatusCode.OK).Count());
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/read", Token)).StatusCode); // Each has a rate of its own.

        var guesses = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            guesses.Add((await guesser.GetAsync("/read", Token)).StatusCode);
        }

        Assert.Equal(4, guesses.TakeWhile(s => s == HttpStatusCode.Unauthorized).Count());
        Assert.Contains(HttpStatusCode.TooManyRequests, guesses);
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/read", Token)).StatusCode); // The address is the same; the key is good.
    }

    [Fact]
    public async Task LookUps_OfUnknownKeys_AreLimitedOnEveryRoute()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var server = new FaultyPostgres(database.ConnectionString);
        await using var connections = NpgsqlDataSource.Create(server.ConnectionString);
        await using var service = await SmallService.StartAsync(
            connections, app => app.MapGet("/probe", () => "live").ForAnybody().WithMetadata(NotLimited.Mark), null,
            "--Access:Limits:StrangersAtOnce", "3", "--Access:Limits:StrangersPerSecond", "1");

        // The database breaks after the guesses that are allowed: a further look-up would end in a fault.
        for (var i = 0; i < 3; i++)
        {
            using var guesser = service.Client(ApiKeyText.Make().Reveal());
            Assert.Equal("live", await guesser.GetStringAsync("/probe", Token));
        }

        server.BreakAt(1, Break.BeforeTheStatement);
        using var next = service.Client(ApiKeyText.Make().Reveal());
        Assert.Equal("live", await next.GetStringAsync("/probe", Token));
        Assert.False(server.HasBroken);
    }

    [Fact]
    public async Task Address_SaidByAHeader_CountsOnlyFromATrustedProxy()
    {
        await using var database = await databases.CreateAsync(Token);
        foreach (var (settings, seen) in new (string[], string)[]
        {
            ([], "127.0.0.1"), (["--ForwardedHeaders_Enabled", "true"], "127.0.0.1"),
            (["--Access:TrustedProxies:0", "10.0.0.0/8"], "127.0.0.1"), (["--Access:TrustedProxies:0", "127.0.0.1"], "203.0.113.7"),
        })
        {
            await using var service = await SmallService.StartAsync(
                database, app => app.MapGet("/who", (HttpContext http) => Caller.Of(http).Address).Needs(AccessRole.Read), null, settings);
            using var client = service.Client(TestKey.Text);
            client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
            Assert.Equal(seen, await client.GetStringAsync("/who", Token));
        }
    }

    [Fact]
    public async Task Anonymous_RolesOfTheSetting_AreGivenToWhoSendsNothingAndAreWarnedOf()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var service = await SmallService.StartAsync(
            database,
            app =>
            {
                app.MapMethods("/read", ["GET", "POST"], (HttpContext http) => Caller.Of(http).Subject).Needs(AccessRole.Read);
                app.MapGet("/erase", () => "done").Needs(AccessRole.Erase);
            },
            null, "--Access:Anonymous:0", "read");
        using var nobody = service.Client(null);
        using var wrong = service.Client(ApiKeyText.Make().Reveal());

        Assert.Equal("anonymous", await nobody.GetStringAsync("/read", Token));
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/erase", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync("/read", Token)).StatusCode);
        Assert.Contains(service.Log.All, l => l.Contains("Access:Anonymous", StringComparison.Ordinal));

        // What a page of another site makes a browser post is not taken.
        foreach (var (site, status) in new[] { ("cross-site", HttpStatusCode.Unauthorized), ("same-origin", HttpStatusCode.OK) })
        {
            using var post = new HttpRequestMessage(HttpMethod.Post, "/read");
            post.Headers.Add("Sec-Fetch-Site", site);
            Assert.Equal(status, (await nobody.SendAsync(post, Token)).StatusCode);
        }

        using var answer = await nobody.GetAsync("/read", Token);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
    }

    [Theory]
    [InlineData("Access:Anonymous:0", "everything", "Access:Anonymous")]
    [InlineData("Access:TrustedProxies:0", "*", "Access:TrustedProxies")]
    [InlineData("Access:Limits:StrangersPerSecond", "0", "StrangersPerSecond")]
    public async Task Start_WithAnImpossibleSetting_NamesIt(string setting, string value, string named)
    {
        await using var database = await databases.CreateAsync(Token);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => SmallService.StartAsync(database, _ => { }, null, $"--{setting}", value));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
