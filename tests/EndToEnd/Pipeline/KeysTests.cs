using System.Net;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>Keys and links that the command line makes, on running services.</summary>
public sealed class KeysTests(SharedStack shared)
{
    [Fact]
    public async Task Keys_AddedRotatedAndRevoked_OpenAndCloseTheServices()
    {
        var added = (await shared.Stack.RunAsync("keys", "add", "e2e-key", "--role", "read", "--expires", "1d")).Expect(0);
        var first = added.Output.TrimEnd('\n');
        Assert.Matches("^cpf_[0-9a-f]{12}_[0-9a-f]{64}$", first); // Alone on the standard output.
        (await shared.Stack.RunAsync("keys", "add", "e2e-key", "--role", "read")).Expect(2);
        (await shared.Stack.RunAsync("keys", "add", "e2e-other", "--role", "everything")).Expect(2);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(first, "/status"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(first, "/reconcile", HttpMethod.Post));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(null, "/status"));

        var second = (await shared.Stack.RunAsync("keys", "rotate", "e2e-key")).Expect(0).Output.TrimEnd('\n');
        Assert.Equal(first.Split('_')[1], second.Split('_')[1]);
        await Stack.UntilAsync(async () => await AskAsync(second, "/status") == HttpStatusCode.OK, "the new secret opens");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(first, "/status")); // For a day more.

        var list = (await shared.Stack.RunAsync("keys", "list")).Expect(0).Output;
        Assert.Contains("e2e-key", list, StringComparison.Ordinal);
        Assert.Contains("local", list, StringComparison.Ordinal);
        Assert.DoesNotContain(second.Split('_')[2], list, StringComparison.Ordinal);

        (await shared.Stack.RunAsync("keys", "revoke", "e2e-key")).Expect(0);
        await Stack.UntilAsync(async () => await AskAsync(second, "/status") == HttpStatusCode.Unauthorized, "the key is refused");
        (await shared.Stack.RunAsync("keys", "revoke", "e2e-key")).Expect(2);
    }

    [Theory]
    [InlineData("/gallery", "open", "--print")]
    [InlineData("/hangfire", "open", "--print", "--jobs")]
    public async Task Open_Printed_SignsABrowserInOnce(string page, params string[] words)
    {
        var address = (await shared.Stack.RunAsync(words)).Expect(0).Output.Trim();
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false });
        using var second = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });

        using var signedIn = await browser.GetAsync(new Uri(address));
        Assert.Equal((HttpStatusCode.Redirect, page), (signedIn.StatusCode, signedIn.Headers.Location!.ToString()));
        using var shown = await browser.GetAsync(new Uri(new Uri(address), page));
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        using var again = await second.GetAsync(new Uri(address));
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    private async Task<HttpStatusCode> AskAsync(string? key, string path, HttpMethod? method = null)
    {
        using var client = await shared.Stack.ClientAsync("Matcher");
        client.DefaultRequestHeaders.Authorization = key is null ? null : new("Bearer", key);
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }
}
