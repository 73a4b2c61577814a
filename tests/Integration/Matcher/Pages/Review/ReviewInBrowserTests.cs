using System.Globalization;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Review;

/// <summary>Answers on the review page in a real Chromium, by keyboard.</summary>
public sealed class ReviewInBrowserTests(TestDatabases databases, Chromium chromium, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Review_FiftyPairsByKeyboard_AreAllTakenAndSomeTakenBack()
    {
        await using var world = await ReviewBrowser.PairsAsync(databases, 60);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher);
        var page = open.Page;
        await page.EvaluateAsync(ReviewBrowser.Stopwatch);
        var expected = new Dictionary<string, string>();
        var undone = 0;
        for (var i = 0; i < 50; i++)
        {
            var pair = await ReviewBrowser.ShownAsync(page);
            var (key, word) = (i % 5) switch { 0 => ("n", "different"), 1 => ("u", "unsure"), _ => ("y", "same") };
            await ReviewBrowser.AnswerAsync(page, pair, key);
            expected[pair] = word;
            if (i % 10 == 9)
            {
                await page.Keyboard.PressAsync("z");
                await ReviewBrowser.UntilAsync(page, "pair => document.querySelector('#pair .pair-card')?.id === pair", $"pair-{pair}");
                Assert.Equal(pair, await ReviewBrowser.ShownAsync(page));
                expected.Remove(pair);
                undone++;
            }
            else if (i % 10 == 4)
            {
                await page.Keyboard.PressAsync("f");
            }
        }

        await ReviewBrowser.UntilAsync(
            page, "count => document.querySelector('#counts').textContent.startsWith(count)", $"{50 - undone} answered");
        var said = (await world.Database.QueryAsync(
            "select content_a || '-' || content_b, word from cpf.review_answers where undone_at is null"))
            .ToDictionary(r => (string)r[0]!, r => (string)r[1]!);
        Assert.Equal(expected.OrderBy(e => e.Key, StringComparer.Ordinal), said.OrderBy(e => e.Key, StringComparer.Ordinal));
        Assert.Equal(
            expected.Where(e => e.Value != "unsure").OrderBy(e => e.Key, StringComparer.Ordinal),
            (await world.Database.QueryAsync("select content_a || '-' || content_b, verdict from cpf.verdicts"))
                .ToDictionary(r => (string)r[0]!, r => (string)r[1]!).OrderBy(e => e.Key, StringComparer.Ordinal));
        Assert.Empty(open.Complaints);
        var times = await page.EvaluateAsync<double[]>("window.keyToPicture");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Key to the next pair's decoded pictures: median {times.Order().ElementAt(times.Length / 2):0.0} ms, longest "
            + $"{times.Max():0.0} ms of {times.Length}"));
        Assert.True(times.Length >= 45, "the next pictures were not there at once");
    }

    [Fact]
    public async Task Review_AnAnswerThatTakesLong_ShowsTheNextPicturesMeanwhile()
    {
        await using var world = await ReviewBrowser.PairsAsync(databases, 8);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher);
        var page = open.Page;
        var held = new TaskCompletionSource();
        using var released = Token.Register(() => held.TrySetResult());
        await page.RouteAsync("**/review/answer", async route =>
        {
            await held.Task.WaitAsync(ReviewBrowser.Patience, TimeProvider.System);
            await route.ContinueAsync();
        });
        await ReviewBrowser.UntilAsync(page, "document.querySelectorAll('#ahead .pair-card').length >= 4");
        for (var i = 0; i < 3; i++)
        {
            await ReviewBrowser.AnswerAsync(page, await ReviewBrowser.ShownAsync(page), "y");
        }

        Assert.True(await page.EvaluateAsync<bool>(
            "[...document.querySelectorAll('#pair img')].every(i => i.complete && i.naturalWidth > 0)"));
        Assert.Equal(0L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
        held.SetResult();
        await ReviewBrowser.UntilAsync(page, "document.querySelector('#counts').textContent.startsWith('3 answered')");
        Assert.Equal(3L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
    }

    [Theory]
    [InlineData(503, "text/plain", "busy")]
    [InlineData(400, "application/problem+json", "{\"title\":\"Bad Request\",\"status\":400}")]
    public async Task Review_AnswerThatIsNotTaken_IsToldAndThePairStays(int status, string type, string body)
    {
        await using var world = await ReviewBrowser.PairsAsync(databases, 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher);
        var page = open.Page;
        await page.RouteAsync("**/review/answer", route => route.FulfillAsync(new() { Status = status, ContentType = type, Body = body }));
        var pair = await ReviewBrowser.ShownAsync(page);

        await page.Keyboard.PressAsync("y");
        await page.WaitForSelectorAsync("#said.refused");
        Assert.Contains("did not take this", await page.Locator("#said").TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(pair, await ReviewBrowser.ShownAsync(page));

        await page.UnrouteAsync("**/review/answer");
        await ReviewBrowser.AnswerAsync(page, pair, "y");
        await ReviewBrowser.UntilAsync(page, "document.querySelector('#counts').textContent.startsWith('1 answered')");
    }

    [Fact]
    public async Task Review_AnswerTakenWithoutWordOfIt_AsksAgainBeforeAnotherIsTaken()
    {
        await using var world = await ReviewBrowser.PairsAsync(databases, 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher);
        var page = open.Page;
        await page.RouteAsync("**/review/answer", async route =>
        {
            await route.FetchAsync(); // The server takes it.
            await route.AbortAsync();
        });
        var pair = await ReviewBrowser.ShownAsync(page);
        await page.Keyboard.PressAsync("y");
        await page.WaitForSelectorAsync("#said.refused");
        await page.UnrouteAsync("**/review/answer");

        await page.Keyboard.PressAsync("n");
        await ReviewBrowser.UntilAsync(page, "document.querySelector('#said').textContent.includes('with another answer')");
        await ReviewBrowser.UntilAsync(page, "pair => document.querySelector('#pair .pair-card')?.id === pair", $"pair-{pair}");
        await ReviewBrowser.UntilAsync(page, "document.querySelector('#answer').elements.standing.value === 'same'");
        Assert.Equal("same", await world.Database.ScalarAsync<string>("select verdict from cpf.verdicts"));
        await ReviewBrowser.AnswerAsync(page, pair, "n");
        await ReviewBrowser.UntilAsync(page, "document.querySelector('#said').textContent.startsWith('different')");
        Assert.Equal("different", await world.Database.ScalarAsync<string>("select verdict from cpf.verdicts"));
    }

    [Fact]
    public async Task Review_PictureThatIsNotThere_IsAskedForTwiceAndThenSaysSo()
    {
        await using var world = await ReviewBrowser.PairsAsync(databases, 2);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        var asked = 0;
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher);
        await open.Page.RouteAsync("**/thumbnail?*", route =>
        {
            Interlocked.Increment(ref asked);
            return route.FulfillAsync(new() { Status = 503 });
        });
        await open.Page.ReloadAsync();

        await ReviewBrowser.UntilAsync(open.Page, "document.querySelectorAll('#pair .no-picture').length === 2");
        await ReviewBrowser.UntilAsync(open.Page, "document.querySelectorAll('#ahead .no-picture').length === 2"); // Fetched later.
        Assert.Equal(8, asked);
    }

    [Fact]
    public async Task Review_AnswerThatSettlesTheNextPair_GoesOnToAnOpenOne()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 5, each: 3);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher);
        var page = open.Page;
        for (var i = 0; i < 10; i++)
        {
            // Of three pictures two pairs settle the third.
            await ReviewBrowser.AnswerAsync(page, await ReviewBrowser.ShownAsync(page), "y");
            await ReviewBrowser.UntilAsync(
                page, "count => document.querySelector('#counts').textContent.startsWith(count)", $"{i + 1} answered");
        }

        await page.WaitForSelectorAsync("#no-pair:not([hidden])");
        Assert.Equal(10L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
        Assert.Contains("settles 1 more pair", await page.Locator("#said").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_Contradiction_IsSaidAndListed()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[1], "same", "bob");
        await world.TakeAsync(ids[1], ids[2], "same", "bob");
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher, $"/review/pair?a={ids[0]}&b={ids[2]}");

        await open.Page.Keyboard.PressAsync("n");

        await open.Page.WaitForSelectorAsync("#said.refused");
        Assert.Contains("contradicts verdicts that stand", await open.Page.Locator("#said").TextContentAsync(), StringComparison.Ordinal);
        await ReviewBrowser.UntilAsync(open.Page, "document.querySelector('#contradictions').textContent === '1 contradiction'");
    }
}
