using System.Globalization;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Review;

/// <summary>The review pages in a real Chromium, by keyboard. Leaves pictures of the pages beside the tests, in <c>pages</c>.</summary>
public sealed class ReviewInBrowserTests(TestDatabases databases, Chromium chromium, ITestOutputHelper output)
{
    private const string Shown = "#pair .pair-card";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly string Pictures = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "pages")).FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Review_FiftyPairsByKeyboard_AreAllTakenAndSomeTakenBack()
    {
        await using var world = await PairsAsync(60);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await OpenAsync(matcher);
        var page = open.Page;
        await page.EvaluateAsync(Stopwatch);
        var expected = new Dictionary<string, string>();
        var undone = 0;
        for (var i = 0; i < 50; i++)
        {
            var pair = await ShownAsync(page);
            var (key, word) = (i % 5) switch { 0 => ("n", "different"), 1 => ("u", "unsure"), _ => ("y", "same") };
            await AnswerAsync(page, pair, key);
            expected[pair] = word;
            if (i % 10 == 9)
            {
                await page.Keyboard.PressAsync("z");
                await UntilAsync(page, "pair => document.querySelector('#pair .pair-card')?.id === pair", $"pair-{pair}");
                Assert.Equal(pair, await ShownAsync(page));
                expected.Remove(pair);
                undone++;
            }
            else if (i % 10 == 4)
            {
                await page.Keyboard.PressAsync("f");
            }
        }

        await UntilAsync(page, "count => document.querySelector('#counts').textContent.startsWith(count)", $"{50 - undone} answered");
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
        await using var world = await PairsAsync(8);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await OpenAsync(matcher);
        var page = open.Page;
        var held = new TaskCompletionSource();
        using var released = Token.Register(() => held.TrySetResult());
        await page.RouteAsync("**/review/answer", async route =>
        {
            await held.Task.WaitAsync(Patience, TimeProvider.System);
            await route.ContinueAsync();
        });
        await UntilAsync(page, "document.querySelectorAll('#ahead .pair-card').length >= 4");
        for (var i = 0; i < 3; i++)
        {
            await AnswerAsync(page, await ShownAsync(page), "y");
        }

        Assert.True(await page.EvaluateAsync<bool>(
            "[...document.querySelectorAll('#pair img')].every(i => i.complete && i.naturalWidth > 0)"));
        Assert.Equal(0L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
        held.SetResult();
        await UntilAsync(page, "document.querySelector('#counts').textContent.startsWith('3 answered')");
        Assert.Equal(3L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
    }

    [Theory]
    [InlineData(503, "text/plain", "busy")]
    [InlineData(400, "application/problem+json", "{\"title\":\"Bad Request\",\"status\":400}")]
    public async Task Review_AnswerThatIsNotTaken_IsToldAndThePairStays(int status, string type, string body)
    {
        await using var world = await PairsAsync(4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await OpenAsync(matcher);
        var page = open.Page;
        await page.RouteAsync("**/review/answer", route => route.FulfillAsync(new() { Status = status, ContentType = type, Body = body }));
        var pair = await ShownAsync(page);

        await page.Keyboard.PressAsync("y");
        await page.WaitForSelectorAsync("#said.refused");
        Assert.Contains("did not take this", await page.Locator("#said").TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(pair, await ShownAsync(page));

        await page.UnrouteAsync("**/review/answer");
        await AnswerAsync(page, pair, "y");
        await UntilAsync(page, "document.querySelector('#counts').textContent.startsWith('1 answered')");
    }

    [Fact]
    public async Task Review_AnswerTakenWithoutWordOfIt_AsksAgainBeforeAnotherIsTaken()
    {
        await using var world = await PairsAsync(4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await OpenAsync(matcher);
        var page = open.Page;
        await page.RouteAsync("**/review/answer", async route =>
        {
            await route.FetchAsync(); // The server takes it.
            await route.AbortAsync();
        });
        var pair = await ShownAsync(page);
        await page.Keyboard.PressAsync("y");
        await page.WaitForSelectorAsync("#said.refused");
        await page.UnrouteAsync("**/review/answer");

        await page.Keyboard.PressAsync("n");
        await UntilAsync(page, "document.querySelector('#said').textContent.includes('with another answer')");
        await UntilAsync(page, "pair => document.querySelector('#pair .pair-card')?.id === pair", $"pair-{pair}");
        await UntilAsync(page, "document.querySelector('#answer').elements.standing.value === 'same'");
        Assert.Equal("same", await world.Database.ScalarAsync<string>("select verdict from cpf.verdicts"));
        await AnswerAsync(page, pair, "n");
        await UntilAsync(page, "document.querySelector('#said').textContent.startsWith('different')");
        Assert.Equal("different", await world.Database.ScalarAsync<string>("select verdict from cpf.verdicts"));
    }

    [Fact]
    public async Task Review_PictureThatIsNotThere_IsAskedForTwiceAndThenSaysSo()
    {
        await using var world = await PairsAsync(2);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        var asked = 0;
        await using var open = await OpenAsync(matcher);
        await open.Page.RouteAsync("**/thumbnail?*", route =>
        {
            Interlocked.Increment(ref asked);
            return route.FulfillAsync(new() { Status = 503 });
        });
        await open.Page.ReloadAsync();

        await UntilAsync(open.Page, "document.querySelectorAll('#pair .no-picture').length === 2");
        await UntilAsync(open.Page, "document.querySelectorAll('#ahead .no-picture').length === 2"); // Fetched later.
        Assert.Equal(8, asked);
    }

    [Fact]
    public async Task Review_AnswerThatSettlesTheNextPair_GoesOnToAnOpenOne()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 5, each: 3);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await OpenAsync(matcher);
        var page = open.Page;
        for (var i = 0; i < 10; i++)
        {
            await AnswerAsync(page, await ShownAsync(page), "y"); // Of three pictures two pairs settle the third.
            await UntilAsync(page, "count => document.querySelector('#counts').textContent.startsWith(count)", $"{i + 1} answered");
        }

        await page.WaitForSelectorAsync("#no-pair:not([hidden])");
        Assert.Equal(10L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
        Assert.Contains("settles 1 more pair", await page.Locator("#said").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_ViewsAndOtherPairs_FollowTheKeysAndStayInTheAddress()
    {
        await using var world = await PairsAsync(6);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await OpenAsync(matcher);
        var page = open.Page;
        var first = await ShownAsync(page);
        var (a, b) = (page.Locator("#pair .shot-a"), page.Locator("#pair .shot-b"));

        await page.Keyboard.PressAsync("f");
        Assert.Equal((true, false), (await a.IsVisibleAsync(), await b.IsVisibleAsync()));
        await page.Keyboard.PressAsync("f");
        Assert.Equal((false, true), (await a.IsVisibleAsync(), await b.IsVisibleAsync()));
        Assert.Contains("view=flip&top=b", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        Assert.Equal((false, true), (await a.IsVisibleAsync(), await b.IsVisibleAsync()));
        foreach (var (key, view) in new[] { ("o", "overlay"), ("d", "difference"), ("p", "split"), ("s", "side") })
        {
            await page.Keyboard.PressAsync(key);
            Assert.Equal(view, await page.GetAttributeAsync("#pair", "data-view"));
        }

        // Both pictures come nearer together.
        await page.Keyboard.PressAsync("+");
        var nearer = await page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('#pair img')].map(i => getComputedStyle(i).transform)");
        Assert.Equal("matrix(1.5, 0, 0, 1.5, 0, 0)", nearer[0]);
        Assert.Equal(nearer[0], nearer[1]);

        await UntilAsync(page, "document.querySelectorAll('#ahead .pair-card').length >= 2");
        await page.Keyboard.PressAsync("ArrowRight");
        await UntilAsync(page, "first => document.querySelector('#pair .pair-card')?.id !== first", $"pair-{first}");
        await UntilAsync(page, "location.search.startsWith('?at=1')");
        await page.Keyboard.PressAsync("ArrowLeft");
        await UntilAsync(page, "first => document.querySelector('#pair .pair-card')?.id === first", $"pair-{first}");

        await page.Keyboard.PressAsync("?");
        Assert.True(await page.Locator("#legend dl").IsVisibleAsync());
        await page.UncheckAsync("#keys-on input");
        await page.Keyboard.PressAsync("y");
        Assert.Equal(first, await ShownAsync(page));
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task Review_Contradiction_IsSaidAndListed()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[1], "same", "bob");
        await world.TakeAsync(ids[1], ids[2], "same", "bob");
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await OpenAsync(matcher, $"/review/pair?a={ids[0]}&b={ids[2]}");

        await open.Page.Keyboard.PressAsync("n");

        await open.Page.WaitForSelectorAsync("#said.refused");
        Assert.Contains("contradicts verdicts that stand", await open.Page.Locator("#said").TextContentAsync(), StringComparison.Ordinal);
        await UntilAsync(open.Page, "document.querySelector('#contradictions').textContent === '1 contradiction'");
    }

    [Fact]
    public async Task GroupPage_Digits_ChooseItsPictures()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        var group = await world.Database.ScalarAsync<long>("select min(group_id) from cpf.groups");
        await using var open = await OpenAsync(matcher, $"/gallery/{group}");

        await open.Page.Keyboard.PressAsync("1");
        await open.Page.Keyboard.PressAsync("3");
        await open.Page.Keyboard.PressAsync("4");
        await open.Page.Keyboard.PressAsync("4");
        Assert.Equal(2, await open.Page.Locator("input[name=p]:checked").CountAsync());
        await open.Page.ClickAsync("#choice button[value=same]");
        await open.Page.ClickAsync("#decision button");

        Assert.Contains("/gallery/", open.Page.Url, StringComparison.Ordinal);
        Assert.Equal(
            1L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts where verdict = 'same' and who = 'ann'"));
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    public async Task Pages_OfReview_HaveNoSeriousFindingsAndFitTheScreen(int width, ColorScheme scheme)
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 3, each: 5);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[1], "same", "bob");
        await world.TakeAsync(ids[1], ids[2], "same", "bob");
        await world.AnswerAsync(ids[0], ids[2], "different", "cid");
        await world.TakeAsync(ids[5], ids[6], "different");
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        var group = await world.Database.ScalarAsync<long>("select group_id from cpf.group_members where content_id = $1", ids[10]);
        await using var open = await OpenAsync(matcher, "/review", width, scheme);
        var found = new List<string>();
        foreach (var (name, address) in new[]
        {
            ("review", "/review"), ("name", "/review/name"), ("split", "/review?view=split"), ("difference", "/review?view=difference"),
            ("pair", $"/review/pair?a={ids[0]}&b={ids[1]}"), ("history", "/review/history"), ("contradictions", "/review/contradictions"),
            ("group", $"/gallery/{group}"), ("decision", $"/review/group/{group}?do=split&p={ids[10]}&p={ids[11]}"),
        })
        {
            await open.Page.GotoAsync(new Uri(matcher.Address, address).AbsoluteUri, new() { WaitUntil = WaitUntilState.NetworkIdle });
            await open.Page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{name}-{width}-{scheme}.png") });
            var axe = await open.Page.RunAxe();
            found.AddRange(axe.Violations.Where(v => v.Impact is "serious" or "critical").SelectMany(v => v.Nodes.Select(n =>
                $"{address}: {v.Id}: {v.Help}: {n.Html}")));
            if (await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth") is var wide && wide > width)
            {
                found.Add($"{address} is {wide} pixels wide on a screen of {width}");
            }
        }

        Assert.Empty(found);
        Assert.Empty(open.Complaints);
    }

    // Pairs that have no picture in common, so that no answer settles another.
    private async Task<ReviewWorld> PairsAsync(int count)
    {
        var world = await ReviewWorld.CreateAsync(databases, products: 2 * count, each: 1);
        await world.Database.ExecuteAsync("delete from cpf.matches");
        foreach (var (pair, i) in world.Ids.Chunk(2).Select((p, i) => (p, i)))
        {
            await world.Database.ExecuteAsync(
                "insert into cpf.matches values ($1, $2, $3, $4)", world.Catalogue.Model.HeadId, pair.Min(), pair.Max(),
                0.9 + (i / 1000.0));
        }

        return world;
    }

    private async Task<OpenPage> OpenAsync(
        RunningMatcher matcher, string address = "/review", int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var open = await chromium.OpenAsync(
            new Uri(matcher.Address, $"/review/name?to={Uri.EscapeDataString(address)}"), width, 844, scheme);
        await open.Page.FillAsync("input[name=who]", "ann");
        await open.Page.Keyboard.PressAsync("Enter");
        await open.Page.WaitForURLAsync(url => !url.Contains("/review/name", StringComparison.Ordinal));
        if (!address.StartsWith("/gallery", StringComparison.Ordinal))
        {
            await open.Page.WaitForSelectorAsync(Shown);
            await UntilAsync(open.Page, "document.querySelector('#pair').getAttribute('aria-busy') === 'false'");
        }

        return open;
    }

    // Playwright's own wait evaluates text in the page, which the pages' policy forbids.
    private static async Task UntilAsync(IPage page, string condition, string? argument = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        var function = condition.Contains("=>", StringComparison.Ordinal) && argument is not null ? condition : $"() => {condition}";
        while (!await page.EvaluateAsync<bool>(function, argument))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"it never came to {condition} with {argument}");
            await Task.Delay(Pause, TimeProvider.System, Token);
        }
    }

    private static async Task<string> ShownAsync(IPage page)
    {
        await page.WaitForSelectorAsync(Shown);
        return (await page.GetAttributeAsync(Shown, "id"))!["pair-".Length..];
    }

    private static async Task AnswerAsync(IPage page, string pair, string key)
    {
        await page.Keyboard.PressAsync(key);
        await UntilAsync(
            page, "pair => { const card = document.querySelector('#pair .pair-card'); return card ? card.id !== pair "
            + ": !document.querySelector('#no-pair').hidden; }", $"pair-{pair}");
    }

    // From a key to the moment at which another pair is there with both pictures decoded.
    private const string Stopwatch = """
        () => {
          window.keyToPicture = [];
          let pressed = 0;
          document.addEventListener("keydown", (event) => { pressed = "ynu".includes(event.key) ? performance.now() : 0; }, true);
          new MutationObserver(() => {
            const images = [...document.querySelectorAll("#pair .pair-card img")];
            const since = pressed;
            if (images.length !== 2 || !since) return;
            pressed = 0;
            Promise.all(images.map((image) => image.decode())).then(() => window.keyToPicture.push(performance.now() - since));
          }).observe(document.querySelector("#pair"), { childList: true });
        }
        """;
}
