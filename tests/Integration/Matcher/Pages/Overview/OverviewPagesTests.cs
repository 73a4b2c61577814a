using System.Net;
using System.Text.RegularExpressions;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Overview;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Overview;

/// <summary>The overview as a browser without script gets it.</summary>
public sealed partial class OverviewPagesTests(TestDatabases databases)
{
    private const string Hostile = "\"><script>alert(1)</script>";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Overview_BeforeAnything_SaysWhatIsMissing()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        Assert.Equal("/overview", (await matcher.Client.GetAsync("/", Token)).Headers.Location?.OriginalString);
        var answer = await matcher.Client.GetAsync("/overview", Token);
        var page = PageHtml.Text(await answer.Content.ReadAsStringAsync(Token));

        // A page does not wait for the count, which a busy machine has not done yet.
        for (var views = 0; views < 100 && page.Contains("is being counted", StringComparison.Ordinal); views++)
        {
            page = PageHtml.Text(await matcher.Client.GetStringAsync("/overview", Token));
        }

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(PageHeaders.ContentSecurityPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("No model is active yet", page, StringComparison.Ordinal);
        Assert.Contains("No feed yet", page, StringComparison.Ordinal);
        Assert.Contains("Not known: no broker is configured", page, StringComparison.Ordinal);
        Assert.Contains("Nothing lags", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overview_WhileWorkGoesOn_TellsHowFarItIs()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(5, products: 2, each: 3, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([.. pictures.Skip(1).Select(p => p.ContentId)], Token);
        await database.ExecuteAsync("update cpf.group_members set reconciled = false");
        await database.ExecuteAsync(
            """
            insert into cpf.reconciles (model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall)
            values ($1, now(), now(), 5, 6, 200, 1, 0.995)
            """, catalogue.Model.ModelId);
        await database.ExecuteAsync(
            """
            insert into cpf.training_runs (run_id, kind, trigger, state, step, message)
            values (gen_random_uuid(), 'training', 'schedule', 'too_little_data', 'building_set', 'needs more products')
            """);
        await AddImagesAsync(database, "received", 3);
        await AddImagesAsync(database, "rejected", 2);
        await database.ExecuteAsync("delete from cpf.outbox");
        await database.ExecuteAsync("insert into cpf.outbox (type, payload) values ('ImageRejected', '{}')");
        var feeds = new FeedStore(database.DataSource);
        var feed = await feeds.AddAsync(new NewFeed(Hostile, "/photos", "folder", null, false, 1), Token);
        await database.ExecuteAsync(
            "update cpf.feeds set state = 'running', rows_total = 200, rows_read = 50, rejected = 7, stored = 40, unchanged = 3");
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        // On a slow machine the first page does not wait for the count.
        var html = await matcher.Client.GetStringAsync("/overview", Token);
        for (var views = 0; views < 100 && html.Contains("is being counted", StringComparison.Ordinal); views++)
        {
            html = await matcher.Client.GetStringAsync("/overview", Token);
        }

        var page = PageHtml.Text(html);
        Assert.Contains(
            "catching up wait for a group 1 not joined exactly yet 5 pending in large components 0", page, StringComparison.Ordinal);
        Assert.Contains("99.5 % of the pairs", page, StringComparison.Ordinal);
        Assert.Contains(
            "6 with a picture, 6 distinct pictures not fetched yet 3 refused 2 no longer listed 0", page, StringComparison.Ordinal);
        Assert.Contains("to be published 1 The oldest waits since", page, StringComparison.Ordinal);
        Assert.Contains($"Feed {feed} {Hostile} running 25 % 50 40 3 7", page, StringComparison.Ordinal);
        Assert.Contains("too little data", page, StringComparison.Ordinal);
        Assert.Contains("truncated", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(" style=| on[a-z]+=|<style", html);
    }

    [Fact]
    public async Task Overview_MoreWaitsThanIsCounted_ClaimsNoOldest()
    {
        await using var database = await databases.CreateAsync(Token);
        await AddImagesAsync(database, "received", OverviewStore.MaxWaiting + 1);
        await database.ExecuteAsync("delete from cpf.outbox");
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var page = PageHtml.Text(await matcher.Client.GetStringAsync("/overview", Token));

        Assert.Matches("The oldest waits at least since [0-9-]+ [0-9:]+ UTC\\.", page);
    }

    [Fact]
    public async Task FeedPage_WithManyRefusedRows_ShowsThemPageByPage()
    {
        await using var database = await databases.CreateAsync(Token);
        var feed = await new FeedStore(database.DataSource).AddAsync(
            new NewFeed("shop", null, "csv", null, false, 1) { Url = "https://127.0.0.1/feed.csv?key=secret" }, Token);
        await database.ExecuteAsync(
            """
            insert into cpf.feed_rejections (feed_id, row_number, external_id, reason, detail)
            select $1, n * 3, 'row-' || n, 'not_found', 'answered 404' from generate_series(1, 250) as n
            """, feed);
        await database.ExecuteAsync("update cpf.feeds set rejected = 250");
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var seen = new List<string>();
        var pages = 0;
        for (var address = $"/overview/feeds/{feed}"; address is not null; pages++)
        {
            var html = await matcher.Client.GetStringAsync(address, Token);
            Assert.DoesNotContain("secret", html, StringComparison.Ordinal);
            seen.AddRange(RowName().Matches(html).Select(m => m.Value));
            address = PageHtml.NextAddress(html);
        }

        Assert.Equal(3, pages);
        Assert.Equal(Enumerable.Range(1, 250).Select(n => $"row-{n}"), seen);
        Assert.Equal(HttpStatusCode.NotFound, (await matcher.Client.GetAsync("/overview/feeds/9999", Token)).StatusCode);
    }

    [Fact]
    public async Task Rejected_ManyAtOneMoment_AreShownOnceOverTheirPages()
    {
        await using var database = await databases.CreateAsync(Token);
        await AddImagesAsync(database, "rejected", 230);
        await database.ExecuteAsync("update cpf.images set updated_at = '2026-01-01 00:00:00.123456Z' where external_id like '%1%'");
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var seen = new List<string>();
        for (var address = "/overview/rejected"; address is not null;)
        {
            var html = await matcher.Client.GetStringAsync(address, Token);
            seen.AddRange(ListingName().Matches(html).Select(m => m.Groups[1].Value));
            address = PageHtml.NextAddress(html);
        }

        var expected = (await database.QueryAsync("select external_id from cpf.images order by updated_at desc, image_id desc"))
            .Select(r => (string)r[0]!);
        Assert.Equal(expected, seen);
        Assert.Equal(HttpStatusCode.BadRequest, (await matcher.Client.GetAsync("/overview/rejected?after=x", Token)).StatusCode);
    }

    [Fact]
    public async Task CountImages_AboveTheLimit_AreEstimates()
    {
        await using var database = await databases.CreateAsync(Token);
        await AddImagesAsync(database, "rejected", 300);
        await AddImagesAsync(database, "received", 900);
        var store = new OverviewStore(database.DataSource);
        await database.ExecuteAsync("analyze cpf.images");

        Assert.Equal(new ImageCounts(0, 900, 300, 0, 0, false), await store.CountImagesAsync(1200, Token));
        var about = await store.CountImagesAsync(1000, Token);
        Assert.True(about.IsAbout);
        Assert.InRange(about.Rejected, 290, 310);
        Assert.InRange(about.Received, 890, 910);
    }

    private static Task AddImagesAsync(TestDatabase database, string state, int count) => database.ExecuteAsync(
        """
        insert into cpf.images (image_id, source, external_id, uri, state, reject_reason, revision)
        select gen_random_uuid(), $1, $1 || '-' || n, 'x', $1, case when $1 = 'rejected' then 'truncated' end, 1
        from generate_series(1, $2) as n
        """, state, count);

    [GeneratedRegex("row-\\d+")]
    private static partial Regex RowName();

    [GeneratedRegex("<strong>rejected/(rejected-\\d+)<")]
    private static partial Regex ListingName();
}
