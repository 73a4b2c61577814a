using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CpfPipeline.Data.Ids;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Groups;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages;

/// <summary>The pages of the groups as a browser without script gets them.</summary>
public sealed partial class GroupPagesTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_InEveryOrder_ShowsEachGroupOnceOverItsPages()
    {
        await using var database = await databases.CreateAsync(Token);
        var groups = await GroupedCatalogue.CreateAsync(database, products: 60);
        var store = new GroupListStore(database.DataSource, new PairQueue(database.DataSource));
        var model = groups.Model;
        // As after a handover: one moment for many groups, so that the ids alone must keep the pages apart.
        await database.ExecuteAsync("update cpf.groups set changed_at = '2026-01-01 00:00:00.123456Z' where group_id % 3 <> 0");
        var rows = (await database.QueryAsync("select group_id, size, weakest_merge, changed_at from cpf.groups"))
            .Select(r => (Id: (long)r[0]!, Size: (int)r[1]!, Height: (double)r[2]!, At: new DateTimeOffset((DateTime)r[3]!))).ToList();
        foreach (var (sort, expected) in new (GroupSort, IEnumerable<long>)[]
        {
            (GroupSort.Doubt, rows.OrderBy(r => r.Height).ThenBy(r => r.Id).Select(r => r.Id)),
            (GroupSort.Size, rows.OrderByDescending(r => r.Size).ThenBy(r => r.Id).Select(r => r.Id)),
            (GroupSort.Newest, rows.OrderByDescending(r => r.At).ThenByDescending(r => r.Id).Select(r => r.Id)),
        })
        {
            var seen = new List<long>();
            var query = new GroupListQuery(sort, new GroupFilter(), null);
            for (var more = true; more;)
            {
                var part = await store.ReadAsync(model, query, 7, Token);
                seen.AddRange(part.Groups.Select(g => g.GroupId));
                // Through the address, as a browser continues.
                query = query with { After = part.Next is { } next ? ListPlace<long>.Parse(next.ToString(), sort.KeyKind) : null };
                Assert.Equal(part.Next, query.After);
                Assert.False(part.IsCut);
                more = part.Next is not null;
            }

            Assert.Equal(expected, seen);
        }
    }

    [Fact]
    public async Task List_WithAFilter_ShowsWhatItSays()
    {
        await using var database = await databases.CreateAsync(Token);
        var groups = await GroupedCatalogue.CreateAsync(database, products: 12);
        var rows = await database.QueryAsync("select group_id, size, weakest_merge from cpf.groups order by weakest_merge, group_id");
        var ids = rows.Select(r => (long)r[0]!).ToArray();
        var store = new GroupListStore(database.DataSource, new PairQueue(database.DataSource));
        async Task<long[]> Shown(GroupFilter filter) =>
            [.. (await store.ReadAsync(groups.Model, new(GroupSort.Doubt, filter, null), 100, Token)).Groups.Select(g => g.GroupId)];
        Assert.Equal(ids, await Shown(new GroupFilter()));

        var member = await database.ScalarAsync<long>("select max(content_id) from cpf.group_members where group_id = $1", ids[3]);
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key, key_scope)
            values ($1, 'other', 'x', 'x', $2, 'stored', 1, 'gtin:1', 'global')
            """, ImageId.From("other", "x"), member);
        Assert.Equal([ids[3]], await Shown(new GroupFilter { Source = "other" }));
        Assert.Equal([ids[3]], await Shown(new GroupFilter { Key = "gtin:1" }));
        Assert.Empty(await Shown(new GroupFilter { Key = "gtin:2" }));
        Assert.Empty(await Shown(new GroupFilter { Conflict = true }));

        // A key of another scope says nothing about it; one of the same does.
        var (keyed, smallest) = (ids[3].ToString(CultureInfo.InvariantCulture), ids[3]);
        await groups.SubmitAsync(keyed, smallest, "own:1");
        Assert.Empty(await Shown(new GroupFilter { Conflict = true }));
        await database.ExecuteAsync("update cpf.images set key_scope = 'global' where source = 's' and external_id = $1", keyed);
        Assert.Equal([ids[3]], await Shown(new GroupFilter { Conflict = true }));

        Assert.Equal(
            rows.Where(r => (int)r[1]! == 3).Select(r => (long)r[0]!), await Shown(new GroupFilter { MinSize = 3, MaxSize = 3 }));
        Assert.Equal(
            rows.Where(r => (double)r[2]! <= groups.Threshold + 0.099).Select(r => (long)r[0]!),
            await Shown(new GroupFilter { MaxMargin = 0.099 }));
        Assert.Empty(await Shown(new GroupFilter { Since = new DateOnly(2999, 1, 1) }));

        // Pairs to review: at first of all groups; a group all of whose pairs are answered has none.
        Assert.Equal(ids, await Shown(new GroupFilter { OpenPair = true }));
        await AnswerAllAsync(database, ids[2]);
        Assert.Equal(ids.Where(id => id != ids[2]), await Shown(new GroupFilter { OpenPair = true }));
        Assert.Equal([ids[3]], await Shown(new GroupFilter { OpenPair = true, Source = "other" }));
        var later = (await groups.ShadowAsync(0.95, head: null)).ModelId;
        Assert.Empty(await Shown(new GroupFilter { ChangedBy = later }));
        await database.ExecuteAsync(
            "insert into cpf.group_events (model_id, kind, content_id, group_id, previous_group_id) values ($1, 'split', $2, $3, 1)",
            later, member, ids[3]);
        Assert.Equal([ids[3]], await Shown(new GroupFilter { ChangedBy = later }));
    }

    // Its first picture is the same as each other one: the rest follows. Pairs with neighbours are called different.
    private static Task AnswerAllAsync(TestDatabase database, long group) => database.ExecuteAsync(
        """
        with members as (select content_id from cpf.group_members where group_id = $1)
        insert into cpf.verdicts (content_a, content_b, verdict, who)
        select m.content_a, m.content_b, case when a.content_id is null or b.content_id is null then 'different' else 'same' end, 'ann'
        from cpf.matches m
        left join members a on a.content_id = m.content_a
        left join members b on b.content_id = m.content_b
        where (a.content_id is not null) <> (b.content_id is not null) or m.content_a = $1 and b.content_id is not null
        """, group);

    [Fact]
    public async Task List_FilterThatFitsFew_StopsLookingAndGoesOnFromThere()
    {
        await using var database = await databases.CreateAsync(Token);
        var groups = await GroupedCatalogue.CreateAsync(database, products: 30);
        var wanted = (await database.QueryAsync("select group_id from cpf.groups order by weakest_merge, group_id"))
            .Select(r => (long)r[0]!).Where((_, i) => i is 12 or 13 or 29).ToList();
        foreach (var id in wanted)
        {
            await database.ExecuteAsync(
                """
                update cpf.images i set product_key = 'gtin:' || i.content_id, key_scope = 'global'
                from cpf.group_members m where m.content_id = i.content_id and m.group_id = $1
                """, id);
        }

        var store = new GroupListStore(database.DataSource, new PairQueue(database.DataSource), maxLookups: 7);
        var seen = new List<long>();
        var cuts = new List<bool>();
        var query = new GroupListQuery(GroupSort.Doubt, new GroupFilter { Conflict = true }, null);
        for (var more = true; more;)
        {
            var part = await store.ReadAsync(groups.Model, query, 5, Token);
            seen.AddRange(part.Groups.Select(g => g.GroupId));
            cuts.Add(part.IsCut);
            query = query with { After = part.Next };
            more = part.Next is not null;
        }

        Assert.Equal(wanted, seen);
        Assert.Equal([true, true, true, true, false], cuts); // Four times seven, then the last two.
    }

    [Fact]
    public async Task ListPage_OfManyGroups_HoldsOnePageOfThemAndLeadsOn()
    {
        await using var database = await databases.CreateAsync(Token);
        await GroupedCatalogue.CreateAsync(database, products: 60);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var seen = new List<string>();
        for (var address = "/gallery?sort=size"; address is not null;)
        {
            var html = await matcher.Client.GetStringAsync(address, Token);
            var shown = GroupLink().Matches(html).Select(m => m.Groups[1].Value).ToList();
            Assert.InRange(shown.Count, 1, 24);
            seen.AddRange(shown);
            address = PageHtml.NextAddress(html);
        }

        Assert.Equal(60, seen.Count);
        Assert.Equal(60, seen.Distinct().Count());
    }

    [Fact]
    public async Task GroupPage_OfAGroup_ShowsEveryMemberItsNearestAndTheBridge()
    {
        await using var database = await databases.CreateAsync(Token);
        var groups = await GroupedCatalogue.CreateAsync(database, products: 4);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var group = await database.ScalarAsync<long>("select group_id from cpf.groups order by size desc, group_id limit 1");
        var members = (await database.QueryAsync("select content_id from cpf.group_members where group_id = $1", group))
            .Select(r => (long)r[0]!).ToList();
        await groups.JudgeAsync(members[0], members[1], same: true);

        var data = await new GroupPageStore(database.DataSource).ReadAsync(groups.Model, group, null, Token);
        Assert.Equal(members.Order(), data!.Pictures.Select(p => p.Picture.ContentId).Order());
        Assert.Equal(data.Head.Medoid, data.Pictures[0].Picture.ContentId);
        Assert.Equal(data.Head.WeakestMerge, data.Bridge!.Height);
        Assert.Equal(members.Count, data.Bridge.LeftSize + data.Bridge.RightSize);
        // No pair across the last merge is more alike than the one shown.
        Assert.Equal(data.Likeness.Between(data.Bridge.Left!.Value, data.Bridge.Right!.Value), data.Bridge.Similarity);
        Assert.True(data.Bridge.Similarity >= data.Bridge.Height);
        foreach (var member in data.Pictures)
        {
            var id = member.Picture.ContentId;
            Assert.Equal(members.Where(m => m != id).Max(m => data.Likeness.Between(id, m)), member.Nearest!.Similarity);
        }

        var html = WebUtility.HtmlDecode(await matcher.Client.GetStringAsync($"/gallery/{group}", Token));
        Assert.All(members, m => Assert.Contains($"/contents/{m}/thumbnail?size=320", html, StringComparison.Ordinal));
        Assert.Contains(Figures.Margin(data.Head.WeakestMerge, groups.Threshold), html, StringComparison.Ordinal);
        Assert.Contains("tester", html, StringComparison.Ordinal);
        Assert.Contains($"Model {groups.Model.ModelId} (active", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_HeldByAVerdictBelowTheThreshold_AreApartAndTellNoBridge()
    {
        await using var database = await databases.CreateAsync(Token);
        var groups = await GroupedCatalogue.CreateAsync(database, products: 6);
        var ids = (await database.QueryAsync("select group_id from cpf.groups order by weakest_merge, group_id"))
            .Select(r => (long)r[0]!).ToList();
        var (first, second) = (ids[0], ids[1]);
        await groups.JudgeAsync(first, second, same: true);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RecomputeAsync([first, second], Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        async Task<List<string>> Shown(string query) =>
            [.. GroupLink().Matches(await matcher.Client.GetStringAsync("/gallery" + query, Token)).Select(m => m.Groups[1].Value)];

        var held = $"{Math.Min(first, second)}";
        var all = (await database.QueryAsync("select group_id from cpf.groups")).Select(r => $"{r[0]}").ToList();
        Assert.Equal(all.Where(id => id != held).Order(), (await Shown("")).Order());
        Assert.Equal([held], await Shown("?held=1"));
        Assert.Contains(held, await Shown("?sort=size"));

        // Nobody else is like both of them on average: the verdict is all that holds them.
        var data = await new GroupPageStore(database.DataSource).ReadAsync(groups.Model, Math.Min(first, second), null, Token);
        Assert.Equal(2, data!.Head.Size);
        Assert.True(data.Head.WeakestMerge < groups.Threshold);
        Assert.Null(data.Bridge);
    }

    [Theory]
    [InlineData("/gallery/99999999999999999999")]
    [InlineData("/gallery/x")]
    [InlineData("/gallery/5?after=x")]
    public async Task GroupPage_AddressOfNoGroup_IsAPageThatSaysSo(string address)
    {
        await using var database = await databases.CreateAsync(Token);
        await Catalogue.CreateAsync(database, 16, 0.9);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var answer = await matcher.Client.GetAsync(address, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("No such group", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GroupPage_OfALargeGroup_ShowsItPageByPage()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(3, products: 1, each: 110, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var seen = new List<string>();
        var pages = 0;
        for (var address = $"/gallery/{pictures.Min(p => p.ContentId)}"; address is not null; pages++)
        {
            var html = await matcher.Client.GetStringAsync(address, Token);
            seen.AddRange(MemberId().Matches(html).Select(m => m.Groups[1].Value));
            address = PageHtml.NextAddress(html);
        }

        Assert.Equal(3, pages);
        Assert.Equal(pictures.Select(p => p.ContentId).Order(), seen.Select(s => long.Parse(s, CultureInfo.InvariantCulture)).Order());
    }

    [GeneratedRegex("class=\"group-link\" href=\"/gallery/(\\d+)\"")]
    private static partial Regex GroupLink();

    [GeneratedRegex("<li class=\"member\" id=\"p(\\d+)\"")]
    private static partial Regex MemberId();
}
