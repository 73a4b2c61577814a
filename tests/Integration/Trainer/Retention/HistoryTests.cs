using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Tests.Integration.Sql;
using CpfPipeline.Trainer.Retention;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Retention;

/// <summary>What readers may rely on when old history is removed.</summary>
public sealed class HistoryTests(TestDatabases databases)
{
    private const int Listings = 6;
    private const int Steps = 25;

    // Two products and something between them, which joins one of them, or splits off when the one that links it goes.
    private static readonly (long ContentId, Half[] Embedding)[] Contents =
    [
        (10, Row(1, 0)), (20, Row(.96, .28)), (5, Row(.8, .6)), (30, Row(.28, .96)), (40, Row(0, 1)), (35, Row(0, 1)),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Removal_OfAnyLife_KeepsTheHistorySinceAndWhatIsNow(int seed)
    {
        await using var database = await databases.CreateAsync(Token);
        var world = new World(database, await Catalogue.CreateAsync(database, 2, .9), new Random(seed));
        await world.Catalogue.EmbedAsync(Contents);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        var removed = 0L;
        for (var round = 0; round < 3; round++)
        {
            for (var step = 0; step < Steps; step++)
            {
                await world.StepAsync(matcher);
            }

            if (round == 1)
            {
                var next = await world.Catalogue.ShadowAsync(.95, head: null);
                await ShadowSteps.CatchUpAsync(database, new MatcherOptions(), Token);
                await ShadowSteps.ActivateAsync(world.Catalogue, next, new MatcherOptions(), Token);
            }

            var cut = world.Times[world.Random.Next(world.Times.Count / 2, world.Times.Count)];
            var (groups, members, replayed) = (await world.GroupsAsync(cut), await world.MembersAsync(), await world.ReplayAsync());
            var history = await world.HistoryAsync(cut);
            var outcome = await OldRowsOf(database, cut, rowsAtOnce: 1 + world.Random.Next(6)).RemoveAsync(Token);
            removed += outcome[RetentionKind.GroupEvents] + outcome[RetentionKind.ImageContents];

            Assert.Equal(groups, await world.GroupsAsync(cut));
            Assert.Equal(members, await world.MembersAsync());
            Assert.Equal(replayed, await world.ReplayAsync());
            Assert.Equal(await world.NowAsync(), await world.ReplayAsync());
            Assert.Equal(history, await world.HistoryAsync(DateTime.MinValue));
        }

        Assert.True(removed > Listings, $"{removed} rows were removed");
        var times = await database.ScalarAsync<long>(
            """
            select count(*) from cpf.group_events e, cpf.history_marks m where e.at < m.kept_from and exists (
                select from cpf.group_events n where n.content_id = e.content_id and n.seq > e.seq and n.at < m.kept_from
                    and (n.kind <> 'renamed' or e.kind = 'renamed'))
            """);
        Assert.Equal(0, times);
    }

    [Fact]
    public async Task GroupAt_BeforeHistoryBegins_IsRefusedUnlessTheGroupLasted()
    {
        await using var database = await databases.CreateAsync(Token);
        var world = new World(database, await Catalogue.CreateAsync(database, 2, .9), new Random(1));
        await world.Catalogue.EmbedAsync(Contents);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await world.SubmitAsync(matcher, "stays", 40);
        await world.SubmitAsync(matcher, "moves", 10);
        var before = await world.TimeAsync();
        await world.SubmitAsync(matcher, "moves", 40);
        await world.SubmitAsync(matcher, "moves", 20);
        var cut = await world.TimeAsync();
        await world.SubmitAsync(matcher, "late", 30);
        await OldRowsOf(database, cut, rowsAtOnce: 100).RemoveAsync(Token);

        var team = new DataTeam(database);
        Assert.Equal(40L, await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "stays"), before));
        Assert.Equal(20L, await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "moves"), cut));
        Assert.Null(await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "late"), before));
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "moves"), before));
        Assert.Contains("history is kept from", refused.MessageText, StringComparison.Ordinal);
        Assert.Equal(cut, (DateTime)(await team.ValueAsync("select kept_from from cpf.history_start"))!);
    }

    [Fact]
    public async Task Followers_OfRemovedChanges_BeginAgain()
    {
        await using var database = await databases.CreateAsync(Token);
        var world = new World(database, await Catalogue.CreateAsync(database, 2, .9), new Random(1));
        await world.Catalogue.EmbedAsync(Contents);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await world.SubmitAsync(matcher, "stays", 40);
        await world.SubmitAsync(matcher, "goes", 10);
        using var gallery = new Gallery(database.DataSource, Options.Create(new MatcherOptions()));
        Assert.Equal(2, await CountAsync(gallery, world.Catalogue.Model));
        var read = await database.ScalarAsync<long>("select max(seq) from cpf.group_events");
        await world.RetractAsync(matcher, "goes");
        var cut = await world.TimeAsync();
        await world.SubmitAsync(matcher, "late", 35);
        var changes = new GroupQueryStore(database.DataSource);
        Assert.NotNull(await changes.ReadChangesAsync(read, 10, Token));

        var removed = await OldRowsOf(database, cut, rowsAtOnce: 100).RemoveAsync(Token);

        // Nothing is left of what went, so whoever had not heard of it would keep it for ever.
        Assert.Equal(2, removed[RetentionKind.GroupEvents]);
        Assert.Null(await changes.ReadChangesAsync(read, 10, Token));
        Assert.Equal([40L, 35L], (await changes.ReadChangesAsync(0, 10, Token))!.Where(c => c.Kind == "joined").Select(c => c.ContentId));
        Assert.NotNull(await changes.ReadChangesAsync(read + 1, 10, Token));
        Assert.Equal(2, await CountAsync(gallery, world.Catalogue.Model));
        Assert.Equal(read + 1, await new DataTeam(database).ValueAsync("select changes_after from cpf.history_start"));
    }

    [Fact]
    public async Task Removal_OfRowsThatSomebodyHolds_WaitsForAnotherTime()
    {
        await using var database = await databases.CreateAsync(Token);
        var world = new World(database, await Catalogue.CreateAsync(database, 2, .9), new Random(1));
        await world.Catalogue.EmbedAsync(Contents);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await world.SubmitAsync(matcher, "goes", 10);
        await world.RetractAsync(matcher, "goes");
        var cut = await world.TimeAsync();
        await world.SubmitAsync(matcher, "late", 35);
        var rows = OldRowsOf(database, cut, rowsAtOnce: 100);
        await using (var connection = await database.DataSource.OpenConnectionAsync(Token))
        await using (await connection.BeginTransactionAsync(Token))
        {
            // As an erasure does.
            await using var hold = new NpgsqlCommand("update cpf.group_events set content_id = -1 where kind = 'joined'", connection);
            await hold.ExecuteNonQueryAsync(Token);
            Assert.Equal(0, (await rows.RemoveAsync(Token))[RetentionKind.GroupEvents]);
        }

        Assert.Equal(2, (await rows.RemoveAsync(Token))[RetentionKind.GroupEvents]);
    }

    [Fact]
    public async Task Removal_OfNothing_ForNoDays()
    {
        await using var database = await databases.CreateAsync(Token);
        var world = new World(database, await Catalogue.CreateAsync(database, 2, .9), new Random(1));
        await world.Catalogue.EmbedAsync(Contents);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await world.SubmitAsync(matcher, "goes", 10);
        await world.RetractAsync(matcher, "goes");
        await world.SubmitAsync(matcher, "late", 35);

        await Settings.Of(database, await world.TimeAsync(), new RetentionOptions { HistoryDays = 0 }).RemoveAsync(Token);

        Assert.Equal(3, await database.ScalarAsync<long>("select count(*) from cpf.group_events"));
        Assert.Null(await new DataTeam(database).ValueAsync("select kept_from from cpf.history_start"));
    }

    private static OldRows OldRowsOf(TestDatabase database, DateTime cut, int rowsAtOnce) =>
        Settings.Of(database, cut.AddDays(1), new RetentionOptions { HistoryDays = 1, RowsAtOnce = rowsAtOnce });

    private static async Task<int> CountAsync(Gallery gallery, ServingModel model)
    {
        var members = 0;
        await gallery.JoinAsync(model, _ => true, block => members += block.Count, Token);
        return members;
    }

    private static Half[] Row(double x, double y) => [(Half)x, (Half)y];

    /// <summary>Listings that show one picture after another, go and come back.</summary>
    private sealed class World(TestDatabase database, Catalogue catalogue, Random random)
    {
        public Catalogue Catalogue => catalogue;

        public Random Random => random;

        public List<DateTime> Times { get; } = [];

        public async Task<DateTime> TimeAsync() => await database.ScalarAsync<DateTime>("select clock_timestamp()");

        public async Task StepAsync(MatcherInstance matcher)
        {
            var listing = $"listing {random.Next(Listings)}";
            if (random.Next(4) == 0 && catalogue.ShownBy(listing) is not null)
            {
                await RetractAsync(matcher, listing);
            }
            else
            {
                await SubmitAsync(matcher, listing, Contents[random.Next(Contents.Length)].ContentId);
            }

            Times.Add(await TimeAsync());
        }

        public async Task SubmitAsync(MatcherInstance matcher, string listing, long contentId)
        {
            var former = catalogue.ShownBy(listing);
            await catalogue.SubmitAsync(listing, contentId);
            await matcher.Updater.RefreshAsync(former is { } content && content != contentId ? [content, contentId] : [contentId], Token);
        }

        public async Task RetractAsync(MatcherInstance matcher, string listing)
        {
            if (await catalogue.RetractAsync(listing) is { } content)
            {
                await matcher.Updater.RefreshAsync([content], Token);
            }
        }

        // The group of every listing at every time since the cut.
        public async Task<List<(int Listing, DateTime At, object? Group)>> GroupsAsync(DateTime cut)
        {
            var groups = new List<(int, DateTime, object?)>();
            foreach (var listing in Enumerable.Range(0, Listings).Where(i => catalogue.ShownBy($"listing {i}") is not null))
            {
                foreach (var time in Times.Where(t => t >= cut))
                {
                    var rows = await database.QueryAsync(
                        "select cpf.group_at($1, $2)", ImageId.From("s", $"listing {listing}"), time);
                    groups.Add((listing, time, rows[0][0]));
                }
            }

            return groups;
        }

        // The view's columns that could depend on events.
        public async Task<List<string>> MembersAsync() => [.. (await database.QueryAsync(
            "select external_id, group_id, content_id, grouped_at from cpf.match_group_members order by 1"))
            .Select(r => string.Join(' ', r))];

        public async Task<List<string>> NowAsync() => [.. (await database.QueryAsync(
            """
            select content_id, group_id from cpf.group_members where model_id = (select model_id from cpf.models where state = 'active')
            order by 1
            """)).Select(r => string.Join(' ', r))];

        // As a follower does that begins at 0.
        public async Task<List<string>> ReplayAsync()
        {
            var groups = new SortedDictionary<long, long>();
            foreach (var row in await database.QueryAsync("select content_id, group_id from cpf.group_changes order by seq"))
            {
                if (row[1] is long group)
                {
                    groups[(long)row[0]!] = group;
                }
                else
                {
                    groups.Remove((long)row[0]!);
                }
            }

            return [.. groups.Select(g => $"{g.Key} {g.Value}")];
        }

        // What is told, from its true beginning, of what did not end before a moment.
        public async Task<List<string>> HistoryAsync(DateTime since) => [.. (await database.QueryAsync(
            """
            select i.external_id, h.from_at, h.to_at, h.model_id, h.content_id, h.group_id
            from cpf.images i cross join lateral cpf.group_history(i.image_id) h
            order by 1, 2
            """)).Where(r => r[2] is not DateTime end || end > since)
            .Select(r => string.Join(' ', r.Select(v => v is DateTime at ? at.Ticks : v)))];
    }
}
