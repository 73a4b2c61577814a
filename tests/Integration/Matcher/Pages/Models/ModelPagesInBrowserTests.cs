using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Microsoft.Playwright;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Models;

/// <summary>What the script adds to the pages of models, and what is left without it.</summary>
public sealed class ModelPagesInBrowserTests(TestDatabases databases, Chromium chromium)
{

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatIf_SliderMovedByKeys_ShowsWhatVanishesThere()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await FillAsync(database);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var address = new Uri(matcher.Address, $"/models/{catalogue.Model.ModelId}/what-if");
        await using var open = await chromium.OpenAsync(address);
        var page = open.Page;

        await page.GetByRole(AriaRole.Slider).FocusAsync();
        await page.Keyboard.PressAsync("End");
        await page.GetByText("A group of 3 pictures vanishes").First.WaitForAsync();

        Assert.EndsWith("?threshold=1", page.Url, StringComparison.Ordinal);
        Assert.Equal("1", await page.GetByRole(AriaRole.Spinbutton).InputValueAsync());
        Assert.Equal(6, await page.Locator("img.thumb").CountAsync());
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task WhatIf_WithoutScript_WorksByItsFieldAndButton()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await FillAsync(database);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        await using var open = await chromium.OpenAsync(
            new Uri(matcher.Address, $"/models/{catalogue.Model.ModelId}/what-if"), script: false);
        var page = open.Page;
        Assert.Equal(0, await page.GetByRole(AriaRole.Slider).CountAsync());

        await page.GetByRole(AriaRole.Spinbutton).FillAsync("0.999999");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await page.GetByText("A group of 3 pictures vanishes").First.WaitForAsync();

        Assert.EndsWith("?threshold=0.999999", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Activation_Requested_IsFollowedToItsEndWithoutBeingLoadedAgain()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await FillAsync(database);
        var first = catalogue.Model.ModelId;
        await catalogue.ActivateAsync(0.8, head: 2);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        await using var open = await chromium.OpenAsync(new Uri(matcher.Address, "/models"));
        var page = open.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = $"Go back to model {first}…" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Go back to model {first}" }).ClickAsync();
        await page.GetByText("The Trainer has not begun it yet").WaitForAsync();
        var key = await database.ScalarAsync<string>("select payload ->> 'idempotencyKey' from cpf.outbox where type = 'TrainModel'");
        await database.ExecuteAsync(
            """
            insert into cpf.training_runs (run_id, kind, trigger, idempotency_key, state, step, message, model_id)
            values (gen_random_uuid(), 'activation', 'bus', $1, 'running', 'shadow_embed', 'embeds 3 pictures', $2)
            """, key, first);
        await page.GetByText("embeds the catalogue").WaitForAsync();
        await database.ExecuteAsync("update cpf.training_runs set step = 'join', message = 'compares'");
        await page.GetByText("groups the catalogue").WaitForAsync();
        await database.ExecuteAsync("update cpf.training_runs set state = 'finished', finished_at = now(), message = 'all done'");
        await page.GetByText("The run (activation) ended: finished.").WaitForAsync();

        Assert.Empty(open.Complaints);
    }

    [Theory]
    [InlineData("/models")]
    [InlineData("/models/1")]
    [InlineData("/models/1/what-if?threshold=1")]
    [InlineData("/models/2/changes")]
    [InlineData("/models/2/activate")]
    [InlineData("/overview")]
    [InlineData("/overview/feeds/1")]
    [InlineData("/overview/rejected")]
    public async Task Pages_OnAPhone_AreNoWiderThanItAndNameTheirParts(string address)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await FillAsync(database);
        await catalogue.ShadowAsync(0.99999, head: null);
        await ShadowSteps.CatchUpAsync(database, new MatcherOptions(), Token);
        await database.ExecuteAsync(
            """
            insert into cpf.feeds (source, path, format, revision, rejected) values ('shop', '/photos', 'folder', 1, 1);
            insert into cpf.feed_rejections (feed_id, row_number, external_id, reason, detail)
            values (1, 1, repeat('long-name-', 20), 'truncated', repeat('word ', 60));
            insert into cpf.images (image_id, source, external_id, uri, state, reject_reason, reject_detail, revision)
            values (gen_random_uuid(), 'shop', repeat('long-name-', 20), 'x', 'rejected', 'truncated', repeat('word ', 60), 1)
            """);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        await using var open = await chromium.OpenAsync(new Uri(matcher.Address, address), width: 390, height: 844);

        Assert.Equal(0, await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Equal(1, await open.Page.Locator("h1").CountAsync());
        // Whatever can be reached by keyboard has a name; so has every picture.
        Assert.Equal(
            "",
            await open.Page.EvaluateAsync<string>(
                """
                [...document.querySelectorAll("a, button, input:not([type=hidden]), progress, img, [tabindex='0']")]
                    .filter(e => !e.closest("[hidden]"))
                    .filter(e => !(e.textContent.trim() || e.getAttribute("aria-label") || e.alt || e.labels?.[0]?.textContent.trim()
                        || e.querySelector("img")?.alt))
                    .map(e => e.outerHTML).join("\n")
                """));
        Assert.Empty(open.Complaints);
    }

    // Two groups of three pictures.
    private static async Task<Catalogue> FillAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(5, products: 2, each: 3, dimension: 16, noise: 0.05);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        return catalogue;
    }
}
