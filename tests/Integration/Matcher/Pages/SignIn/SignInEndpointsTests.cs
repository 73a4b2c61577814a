using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Browsers;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.SignIn;

/// <summary>How a browser signs in, what its cookie opens, and where it is led.</summary>
public sealed class SignInEndpointsTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_UsedOnce_SignsInAndThenOpensNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var link = await LinkAsync(matcher.Client);
        using var browser = Browser(matcher.Address);

        // Looking uses nothing up; another site's form signs nobody in.
        var page = await browser.GetStringAsync(link + "?to=/models", Token);
        Assert.Contains($"Sign in as {TestKey.Name}?", page, StringComparison.Ordinal);
        using var foreign = await UseAsync(browser, await LinkAsync(matcher.Client), "/models", "cross-site");
        Assert.Equal(HttpStatusCode.Unauthorized, foreign.StatusCode);
        using var used = await UseAsync(browser, link, "/models", "same-origin");
        Assert.Equal((HttpStatusCode.Redirect, "/models"), (used.StatusCode, used.Headers.Location!.ToString()));
        var cookie = Assert.Single(
            used.Headers.GetValues("Set-Cookie"), c => c.StartsWith(BrowserSession.CookieName, StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        page = await browser.GetStringAsync("/models", Token);
        Assert.Contains($"Signed in as {TestKey.Name}", page, StringComparison.Ordinal);

        using var second = Browser(matcher.Address);
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync(link, Token)).StatusCode);
        using var again = await UseAsync(second, link, "/models");
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.False(again.Headers.Contains("Set-Cookie"));

        var late = await LinkAsync(matcher.Client);
        await database.ExecuteAsync("update cpf.browser_links set expires_at = now() - interval '1 second'");
        Assert.Equal(HttpStatusCode.Unauthorized, (await UseAsync(second, late, "/models")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await UseAsync(second, "/sign-in/links/0", "/models")).StatusCode);
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "select count(*) from cpf.browser_links l where l::text like '%' || $1 || '%'", link.Split('/')[^1]));
    }

    [Fact]
    public async Task Cookie_OfARevokedKey_OpensNothingAndSignOutEndsIt()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var key = await TestKey.MakeAsync(database, "ann", [AccessRole.Read, AccessRole.Review]);
        var cookies = new CookieContainer();
        using var ann = Browser(matcher.Address, cookies);
        Assert.Equal(HttpStatusCode.Redirect, (await SignInAsync(ann, key, "/models")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(ann, "/models")).StatusCode);

        // Not what the key may not do, said by a page; a post of another program's is no form of the pages.
        using var refused = await AskAsync(ann, "/models/1/activate");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("needs the role operate", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using var foreign = await ann.PostAsJsonAsync("/verdicts", new { verdict = "same" }, Token);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.Contains("cookie is not enough", await foreign.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        // Signed out in this browser, and wherever its cookie was copied to.
        using var copied = new HttpRequestMessage(HttpMethod.Get, "/models");
        copied.Headers.Add("Accept", "text/html");
        copied.Headers.Add("Cookie", cookies.GetCookieHeader(matcher.Address));
        using var thief = new HttpClient(
            new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = matcher.Address };
        var form = PageHtml.HiddenFields(await ann.GetStringAsync("/models", Token));
        using var bye = await ann.PostAsync("/sign-out", new FormUrlEncodedContent(form), Token);
        Assert.Equal("/sign-in", bye.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Redirect, (await AskAsync(ann, "/models")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await thief.SendAsync(copied, Token)).StatusCode);

        // A cookie ends with the secret that it was begun with.
        Assert.Equal(HttpStatusCode.Redirect, (await SignInAsync(ann, key, "/models")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(ann, "/models")).StatusCode);
        var rotated = ApiKeyText.Make() with { KeyId = ApiKeyText.TryParse(key)!.KeyId };
        Assert.True(await new ApiKeyRegister(database.DataSource, "test").RotateAsync(rotated, TimeSpan.Zero, Token));
        await Until.TrueAsync(async () => (await AskAsync(ann, "/models")).StatusCode == HttpStatusCode.Redirect);
        key = rotated.Reveal();
        Assert.Equal(HttpStatusCode.Redirect, (await SignInAsync(ann, key, "/models")).StatusCode);
        await database.ExecuteAsync("update cpf.api_keys set revoked_at = now() where name = 'ann'");
        await Until.TrueAsync(async () => (await AskAsync(ann, "/models")).StatusCode == HttpStatusCode.Redirect);
        using var closed = await SignInAsync(ann, key, "/models");
        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
        Assert.Contains("opens nothing", await closed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(3L, await database.ScalarAsync<long>(
            "select count(*) from cpf.audit where act = 'sign-in' and outcome = 'done' and who = 'ann'"));
    }

    [Theory]
    [InlineData("/models?before=3", "/models?before=3")]
    [InlineData("//evil.example", "/overview")]
    [InlineData("/\\evil.example", "/overview")]
    [InlineData("\\\\evil.example", "/overview")]
    [InlineData("https://evil.example", "/overview")]
    [InlineData("https:evil.example", "/overview")]
    [InlineData("javascript:alert(1)", "/overview")]
    [InlineData("/\t/evil.example", "/overview")]
    [InlineData("evil.example", "/overview")]
    [InlineData("/%0d%0aLocation: x", "/%0d%0aLocation: x")]
    [InlineData("", "/overview")]
    public async Task SignIn_LeadsOn_ToPagesOfThisServiceOnly(string to, string led)
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        using var browser = Browser(matcher.Address);

        using var signedIn = await SignInAsync(browser, TestKey.Text, to);
        using var linked = await UseAsync(browser, await LinkAsync(matcher.Client), to);

        Assert.Equal(led, LedTo(signedIn));
        Assert.Equal(led == "/overview" ? "/" : led, LedTo(linked));

        static string LedTo(HttpResponseMessage answer) =>
            Uri.UnescapeDataString(answer.Headers.Location!.OriginalString).Replace("\r\n", "%0d%0a", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WithoutACookie_LeadsToSignInAndAnApiSays401()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        using var browser = Browser(matcher.Address);

        using var page = await AskAsync(browser, "/models?before=3");
        Assert.Equal(
            (HttpStatusCode.Redirect, "/sign-in?to=%2Fmodels%3Fbefore%3D3"), (page.StatusCode, page.Headers.Location!.OriginalString));
        using var api = await browser.GetAsync("/groups", Token);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        using var post = new HttpRequestMessage(HttpMethod.Post, "/review/answer");
        post.Headers.Add("Accept", "text/html");
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SendAsync(post, Token)).StatusCode);
        var signIn = await browser.GetStringAsync("/sign-in?to=/models", Token);
        Assert.Contains("infra/cpf open", signIn, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/models\"", signIn, StringComparison.Ordinal);
        Assert.DoesNotContain("placeholder=\"source/id", signIn, StringComparison.Ordinal);

        // The form must be this site's own.
        using var unsigned = await browser.PostAsync("/sign-in", new FormUrlEncodedContent([new("key", TestKey.Text)]), Token);
        Assert.Equal(HttpStatusCode.BadRequest, unsigned.StatusCode);
    }

    [Fact]
    public async Task SignIn_WithOneWrongKeyAfterAnother_IsLimitedAlsoForWhoIsSignedIn()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token, builder =>
        {
            builder.Configuration["Access:Limits:StrangersAtOnce"] = "6";
            builder.Configuration["Access:Limits:StrangersPerSecond"] = "1";
        });
        using var browser = Browser(matcher.Address);
        Assert.Equal(HttpStatusCode.Redirect, (await SignInAsync(browser, TestKey.Text, "/models")).StatusCode);
        var form = PageHtml.HiddenFields(await browser.GetStringAsync("/models", Token));

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            using var tried = await browser.PostAsync(
                "/sign-in", new FormUrlEncodedContent([.. form, new("key", ApiKeyText.Make().Reveal())]), Token);
            statuses.Add(tried.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], statuses.Distinct().Order());
    }

    [Fact]
    public async Task Forms_OfWhatSomebodyMayNotDo_AreLeftOut()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        await catalogue.ActivateAsync(0.8, head: 2);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var key = await TestKey.MakeAsync(database, "reader", [AccessRole.Read]);
        using var reader = TestKey.Client(matcher.Address, key: key);

        var (all, some) = (await matcher.Client.GetStringAsync("/models", Token), await reader.GetStringAsync("/models", Token));

        Assert.Contains("/activate\"", all, StringComparison.Ordinal);
        Assert.DoesNotContain("/activate\"", some, StringComparison.Ordinal);
        Assert.Contains("href=\"/review\"", all, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/review\"", some, StringComparison.Ordinal);
    }

    private static HttpClient Browser(Uri address, CookieContainer? cookies = null) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies ?? new() }) { BaseAddress = address };

    private static async Task<string> LinkAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("/sign-in/links", null, Token);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!["path"]!;
    }

    private static async Task<HttpResponseMessage> UseAsync(HttpClient browser, string link, string to, string? site = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, link) { Content = new FormUrlEncodedContent([new("to", to)]) };
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        return await browser.SendAsync(request, Token);
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient browser, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/html,application/xhtml+xml");
        return await browser.SendAsync(request, Token);
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient browser, string key, string to)
    {
        var form = PageHtml.HiddenFields(await browser.GetStringAsync("/sign-in", Token));
        form["to"] = to;
        return await browser.PostAsync("/sign-in", new FormUrlEncodedContent([.. form, new("key", key)]), Token);
    }
}
