using System.Globalization;
using CpfPipeline.Data.Schema;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>What the views tell of images, groups and placeholders beside their names.</summary>
public sealed class ViewColumnTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_AnImage_TellsOfItsPictureAndItsPlaceInTheGroup()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        var team = new DataTeam(database);

        var rows = (await team.AskAsync("select * from cpf.match_group_members where group_id = 1")).Rows
            .ToDictionary(r => (string)r["external_id"]!);

        // The middle one of three views stands for the group: its neighbours are turned by 0.3 to either side.
        Assert.Equal(["4711-front", "b-1", "c-1", "c-9"], rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(rows.Values, r => Assert.Equal(("2", "1"), (r["medoid_text"], r["group_id_text"])));
        Assert.Equal(1.0, rows["b-1"]["medoid_similarity"]);
        Assert.All(["4711-front", "c-1", "c-9"], id => Assert.Equal(Math.Cos(0.3), (double)rows[id]["medoid_similarity"]!, 0.01));
        Assert.Equal("https://shop-b/b-1", rows["b-1"]["uri"]);
        Assert.Equal(
            (rows["b-1"]["width"], rows["b-1"]["height"], rows["b-1"]["bytes"], rows["b-1"]["format"]), await PictureAsync(database, 2));
        foreach (var row in rows.Values)
        {
            Assert.Equal(((long)row["content_id"]!).ToString(CultureInfo.InvariantCulture), row["content_id_text"]);
            Assert.Equal(
                await database.ScalarAsync<DateTime>(
                    "select max(at) from cpf.group_events where content_id = $1 and kind <> 'renamed'", row["content_id"]!),
                row["grouped_at"]);
            Assert.Equal(
                await database.ScalarAsync<DateTime>("select created_at from cpf.contents where content_id = $1", row["content_id"]!),
                row["first_seen_at"]);
        }
    }

    [Fact]
    public async Task Members_Everything_IsWhatTheTablesSay()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);

        // An image that went a moment ago leaves its companion alone, before the Matcher has heard of it.
        await database.ExecuteAsync("update cpf.images set state = 'retracted' where external_id = 'b-8'");

        var view = await new DataTeam(database).AskAsync("select external_id from cpf.match_group_members order by external_id");
        var expected = await database.QueryAsync(
            """
            select external_id from (
                select i.external_id, count(*) over (partition by g.group_id) as images
                from cpf.group_members g join cpf.images i on i.content_id = g.content_id and i.state = 'stored'
                where g.model_id = cpf.active_model()) m
            where images >= 2 order by external_id
            """);
        Assert.Equal(expected.Select(r => r[0]), view.Rows.Select(r => r["external_id"]));
        Assert.DoesNotContain("a-7", view.Rows.Select(r => r["external_id"]));
        var groups = await new DataTeam(database).AskAsync("select group_id from cpf.match_groups");
        Assert.Equal([1L], groups.Rows.Select(r => r["group_id"]));
    }

    [Theory]
    [InlineData("gtin:1", "global", "gtin:2", "global", true)]
    [InlineData("gtin:1", "global", "gtin:1", "global", false)]
    [InlineData("gtin:1", "global", "2", "source", false)]
    [InlineData("1", "source", "2", "source", false)] // of two sellers: nobody knows
    public async Task Groups_KeysOfTwoSellers_ConflictWhenBothAreGlobal(string a, string scopeA, string b, string scopeB, bool conflict)
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        await database.ExecuteAsync("update cpf.images set product_key = $1, key_scope = $2 where external_id = 'a-7'", a, scopeA);
        await database.ExecuteAsync("update cpf.images set product_key = $1, key_scope = $2 where external_id = 'b-8'", b, scopeB);

        Assert.Equal(conflict, await new DataTeam(database).ValueAsync("select key_conflict from cpf.match_groups where group_id = 7"));
    }

    [Fact]
    public async Task Groups_TwoKeysOfOneSellersOwn_Conflict()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        await database.ExecuteAsync(
            """
            update cpf.images set product_key = external_id, key_scope = 'source', source = 'shop-a' where external_id in ('a-7', 'b-8')
            """);

        Assert.Equal(true, await new DataTeam(database).ValueAsync("select key_conflict from cpf.match_groups where group_id = 7"));
    }

    [Fact]
    public async Task ImageStatus_EveryImage_TellsWhetherItHasCompanions()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);

        var answer = await new DataTeam(database).AskAsync(
            """
            select external_id, in_group, sha256, group_id_text, uri from cpf.image_status
            where external_id in ('4711-front', 'a-2', 'bad', 'logo-1')
            """);
        var rows = answer.Rows.ToDictionary(r => (string)r["external_id"]!);

        Assert.Equal([true, false, false, false], new[] { "4711-front", "a-2", "bad", "logo-1" }.Select(id => rows[id]["in_group"]));
        Assert.Null(rows["bad"]["sha256"]);
        Assert.Equal(64, ((string)rows["logo-1"]["sha256"]!).Length);
        Assert.Equal(("1", null), (rows["4711-front"]["group_id_text"], rows["logo-1"]["group_id_text"]));
    }

    [Fact]
    public async Task Placeholders_ALogo_IsNamedByAListingThatShowsIt()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);

        var row = (await new DataTeam(database).AskAsync("select * from cpf.placeholders")).Rows.Single();

        Assert.Equal(("6", "shop-a", 20, 20L), (row["content_id_text"], row["source"], row["product_keys"], row["images"]));
        Assert.StartsWith("logo-", (string)row["external_id"]!, StringComparison.Ordinal);
        Assert.Equal($"https://shop-a/{row["external_id"]}", row["uri"]);
    }

    [Fact]
    public async Task Reader_WithoutSchema_FindsTheViews()
    {
        // The setting belongs to a database and does not come with a copy of it.
        await using var database = new TestDatabase(await databases.CreateEmptyAsync(Token));
        await new Migrator(database.ConnectionString).MigrateAsync(Token);

        Assert.Equal(["search_path=cpf, public"], await database.ScalarAsync<string[]>(
            """
            select s.setconfig from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
            where s.setrole = 'cpf_reader'::regrole and d.datname = current_database()
            """));
    }

    private static async Task<(object?, object?, object?, object?)> PictureAsync(TestDatabase database, long contentId)
    {
        var row = (await database.QueryAsync(
            "select width, height, byte_length, format from cpf.contents where content_id = $1", contentId)).Single();
        return (row[0], row[1], row[2], row[3]);
    }
}
