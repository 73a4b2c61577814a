using System.Net;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Models;

/// <summary>How often another active model may be asked for, and what the pages say of it.</summary>
public sealed class ActivationPagesTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Activation_OfARetiredModel_IsRequestedOnce()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var first = catalogue.Model.ModelId;
        await catalogue.ActivateAsync(0.8, head: 2);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var address = $"/models/{first}/activate";
        Assert.Contains($"href=\"{address}\"", await matcher.Client.GetStringAsync("/models", Token), StringComparison.Ordinal);
        var form = PageHtml.HiddenFields(await matcher.Client.GetStringAsync(address, Token));

        // Not without the form's own token.
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync([new("key", form["key"])]));
        Assert.Equal(
            HttpStatusCode.UnsupportedMediaType, (await matcher.Client.PostAsync(address, new StringContent("{}"), Token)).StatusCode);
        Assert.Empty(await database.QueryAsync("select seq from cpf.outbox"));

        var asked = await matcher.Client.PostAsync(address, new FormUrlEncodedContent(form), Token);
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        var message = Assert.Single(await database.QueryAsync("select type, payload::text from cpf.outbox"));
        Assert.Equal("TrainModel", message[0]);
        Assert.Contains($"\"modelId\": \"{first}\"", (string)message[1]!, StringComparison.Ordinal);
        Assert.Contains("\"kind\": \"activation\"", (string)message[1]!, StringComparison.Ordinal);
        Assert.Contains($"\"idempotencyKey\": \"{form["key"]}\"", (string)message[1]!, StringComparison.Ordinal);
        Assert.Contains("\"notAfter\": \"", (string)message[1]!, StringComparison.Ordinal);
        var waiting = await matcher.Client.GetStringAsync(asked.Headers.Location!, Token);
        Assert.Contains("The Trainer has not begun it yet", waiting, StringComparison.Ordinal);
        Assert.Contains("data-live", waiting, StringComparison.Ordinal);

        // Its time is over: it says so and waits no longer.
        var late = await matcher.Client.GetStringAsync($"/models/{first}?requested={form["key"]}&until=1", Token);
        Assert.Contains("The activation was not taken", late, StringComparison.Ordinal);
        Assert.DoesNotContain("data-live", late, StringComparison.Ordinal);

        // What the Trainer makes of it.
        await database.ExecuteAsync(
            """
            insert into cpf.training_runs (run_id, kind, trigger, idempotency_key, state, step, progress, message, model_id)
            values (gen_random_uuid(), 'activation', 'bus', $1, 'running', 'join', 0, 'waits for the Matcher', $2)
            """, form["key"], first);
        var going = PageHtml.Text(await matcher.Client.GetStringAsync($"/models/{first}?requested={form["key"]}", Token));
        Assert.Contains($"A run goes on (activation, model {first}): groups the catalogue", going, StringComparison.Ordinal);
        Assert.Contains("waits for the Matcher", going, StringComparison.Ordinal);
        var list = PageHtml.Text(await matcher.Client.GetStringAsync("/models", Token));
        Assert.Contains("groups the catalogue", list, StringComparison.Ordinal);

        // Sent twice: once is enough. Another form meanwhile: not now.
        Assert.Equal(HttpStatusCode.Redirect, await PostAsync([.. form]));
        form["key"] = $"{Guid.NewGuid()}";
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync([.. form]));
        Assert.Single(await database.QueryAsync("select seq from cpf.outbox"));

        async Task<HttpStatusCode> PostAsync(KeyValuePair<string, string>[] fields) =>
            (await matcher.Client.PostAsync(address, new FormUrlEncodedContent(fields), Token)).StatusCode;
    }

    [Theory]
    [InlineData("/models/1/activate")]
    [InlineData("/review/answer")]
    public async Task Forms_NotSigned_AreAnsweredByAPage(string address)
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var answer = await matcher.Client.PostAsync(address, new FormUrlEncodedContent([new("a", "1")]), Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(PageHeaders.ContentSecurityPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("open the page again", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }
}
