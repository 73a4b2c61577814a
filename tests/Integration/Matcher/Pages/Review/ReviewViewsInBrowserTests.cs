using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Review;

/// <summary>How the review pages look in a real Chromium. Leaves pictures of them beside the tests, in <c>pages</c>.</summary>
public sealed class ReviewViewsInBrowserTests(TestDatabases databases, Chromium chromium)
{
    private static readonly string Pictures = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "pages")).FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Review_ViewsAndOtherPairs_FollowTheKeysAndStayInTheAddress()
    {
        await using var world = await ReviewBrowser.PairsAsync(databases, 6);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher);
        var page = open.Page;
        var first = await ReviewBrowser.ShownAsync(page);
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

        await ReviewBrowser.UntilAsync(page, "document.querySelectorAll('#ahead .pair-card').length >= 2");
        await page.Keyboard.PressAsync("ArrowRight");
        await ReviewBrowser.UntilAsync(page, "first => document.querySelector('#pair .pair-card')?.id !== first", $"pair-{first}");
        await ReviewBrowser.UntilAsync(page, "location.search.startsWith('?at=1')");
        await page.Keyboard.PressAsync("ArrowLeft");
        await ReviewBrowser.UntilAsync(page, "first => document.querySelector('#pair .pair-card')?.id === first", $"pair-{first}");

        await page.Keyboard.PressAsync("?");
        Assert.True(await page.Locator("#legend dl").IsVisibleAsync());
        await page.UncheckAsync("#keys-on input");
        await page.Keyboard.PressAsync("y");
        Assert.Equal(first, await ReviewBrowser.ShownAsync(page));
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task GroupPage_Digits_ChooseItsPictures()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        var group = await world.Database.ScalarAsync<long>("select min(group_id) from cpf.groups");
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher, $"/gallery/{group}");

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
        await using var open = await ReviewBrowser.OpenAsync(chromium, matcher, "/review", width, scheme);
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
}
