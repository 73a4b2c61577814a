using CpfPipeline.Data.Ids;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Placeholders;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Placeholders;

/// <summary>What a source submits takes its own images out of the groups at most, never those of another.</summary>
public sealed class SourcePlaceholderTests(TestDatabases databases)
{
    private const int MinKeys = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submissions_OfOtherSources_TakeNoImageOutOfItsGroup()
    {
        await using var database = await databases.CreateAsync(Token);
        var (_, ids) = await FillAsync(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync(ids, Token);
        var before = await GroupsAsync(database, "s");
        Assert.Equal(ids.Length, before.Count);

        await Gen.Int[0, int.MaxValue].SampleAsync(
            async seed =>
            {
                var random = new Random(seed);
                for (var step = 0; step < 12; step++)
                {
                    var content = ids[random.Next(ids.Length)];
                    var (source, image) = ($"rival-{random.Next(3)}", $"{random.Next(30)}");
                    if (random.Next(5) == 0)
                    {
                        await database.ExecuteAsync(
                            "update cpf.images set state = 'retracted' where image_id = $1", ImageId.From(source, image));
                    }
                    else
                    {
                        await ShowAsync(database, source, image, content, random.Next(6) == 0 ? null : $"key-{random.Next(8)}");
                    }
                }

                await matcher.Updater.RefreshAsync(ids, Token);
                Assert.Equal(before, await GroupsAsync(database, "s"));
                foreach (var rival in new[] { "rival-0", "rival-1", "rival-2" })
                {
                    Assert.Equal(await ShownWithFewKeysAsync(database, rival), (await GroupsAsync(database, rival)).Keys);
                }
            },
            iter: 8, threads: 1);

        Assert.True(await database.ScalarAsync<bool>("select exists (select from cpf.placeholders_by_source)"), "No rival had many keys.");
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.placeholders"));
    }

    [Fact]
    public async Task Logo_OfASourceWithManyProducts_PullsItsListingsNotTogetherAlthoughAnotherShowsIt()
    {
        await using var database = await databases.CreateAsync(Token);
        var (_, ids) = await FillAsync(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        var logo = ids[0];
        for (var i = 0; i < MinKeys; i++)
        {
            await ShowAsync(database, "big", $"{i}", logo, $"key-{i}");
        }

        await matcher.Updater.RefreshAsync(ids, Token);

        Assert.Empty(await GroupsAsync(database, "big"));
        Assert.Equal(ids.Length, (await GroupsAsync(database, "s")).Count);
        var (mine, theirs) = (ImageId.From("s", $"{logo}"), ImageId.From("big", "0"));
        Assert.Equal(["placeholder", "matched"], await TextsAsync(
            database, "select status from cpf.image_status where image_id in ($1, $2) order by source", mine, theirs));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.similar_images($1) where source = 'big'", mine));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.match_pairs where 'big' in (source_a, source_b)"));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.group_history($1)", theirs));
        Assert.Equal(0L, await database.ScalarAsync<long>("select max(images) - 2 from cpf.match_groups"));

        // What it says of its listings teaches nothing either.
        await using (var connection = await database.DataSource.OpenConnectionAsync(Token))
        {
            Assert.Empty(await LabelledContentStore.ReadKeysAsync(connection, Token));
        }

        var intake = new PlaceholderIntake(database.DataSource, matcher.Updater, matcher.Repair, (_, _) => Task.CompletedTask);
        var picture = new PictureName("big", "0", null);
        Assert.Null(await intake.OverrideAsync(new PlaceholderRequest(picture, "keep", "ann", null), Token));
        Assert.Equal(MinKeys, (await GroupsAsync(database, "big")).Count);
        Assert.Null(await intake.OverrideAsync(new PlaceholderRequest(picture, "auto", "ann", null), Token));
        Assert.Empty(await GroupsAsync(database, "big"));
        Assert.Null(await intake.SetPolicyAsync(new PlaceholderPolicy(MinKeys + 1), Token));
        Assert.Equal(MinKeys, (await GroupsAsync(database, "big")).Count);
        Assert.Equal(2L, await database.ScalarAsync<long>(
            "select count(*) from cpf.placeholders_by_source where until is not null and content_id = $1", logo));

        // It has been in a group twice, and is again; before that, and in between, it was in none.
        Assert.Equal(2L, await database.ScalarAsync<long>("select count(*) from cpf.group_history($1)", theirs));
        Assert.True(await database.ScalarAsync<bool>("select cpf.group_at($1, now()) is not null", theirs));
    }

    [Fact]
    public async Task Content_OfWhichEverySourceOrGlobalKeysSaySo_IsAPlaceholder()
    {
        await using var database = await databases.CreateAsync(Token);
        var (_, ids) = await FillAsync(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await database.ExecuteAsync("update cpf.images set state = 'retracted' where content_id = any($1)", new[] { ids[0], ids[2] });
        foreach (var source in new[] { "a", "b" })
        {
            for (var i = 0; i < MinKeys; i++)
            {
                await ShowAsync(database, source, $"own-{i}", ids[0], $"key-{i}");
            }
        }

        await ShowAsync(database, "a", "global-1", ids[2], "gtin:1", "global");
        await ShowAsync(database, "b", "global-2", ids[2], "gtin:2", "global");
        await ShowAsync(database, "c", "global-3", ids[2], "gtin:3", "global");

        await matcher.Updater.RefreshAsync(ids, Token);

        Assert.Equal(ids.Except([ids[0], ids[2]]).Order(), (await database.QueryAsync(
            "select content_id from cpf.group_members order by 1")).Select(r => (long)r[0]!));
        Assert.Equal([ids[0], ids[2]], (await database.QueryAsync(
            "select t.id from unnest($1::bigint[]) with ordinality as t(id, n) where cpf.is_placeholder(t.id) order by t.n", ids))
            .Select(r => (long)r[0]!));
    }

    private static async Task<(Catalogue Catalogue, long[] Ids)> FillAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(4, products: 3, each: 2, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        var ids = pictures.Select(p => p.ContentId).ToArray();
        await catalogue.ShowAsync(ids);
        await database.ExecuteAsync("update cpf.placeholder_policy set min_product_keys = $1", MinKeys);
        return (catalogue, ids);
    }

    private static Task ShowAsync(
        TestDatabase database, string source, string image, long content, string? key, string scope = "source") => database.ExecuteAsync(
        """
        insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key, key_scope)
        values ($1, $2, $3, 'x', $4, 'stored', 1, nullif($5, ''), $6)
        on conflict (image_id) do update set content_id = excluded.content_id, state = 'stored', product_key = excluded.product_key
        """, ImageId.From(source, image), source, image, content, key ?? "", scope);

    // What the views say: the group of each image of a source.
    private static async Task<SortedDictionary<string, long>> GroupsAsync(TestDatabase database, string source) => new(
        (await database.QueryAsync("select external_id, group_id from cpf.match_group_members where source = $1", source))
            .ToDictionary(r => (string)r[0]!, r => (long)r[1]!), StringComparer.Ordinal);

    private static async Task<IEnumerable<string>> ShownWithFewKeysAsync(TestDatabase database, string source) =>
        await TextsAsync(
            database,
            """
            select i.external_id from cpf.images i
            where i.source = $1 and i.state = 'stored'
              and (select count(distinct o.product_key) from cpf.images o
                   where o.source = i.source and o.content_id = i.content_id and o.state = 'stored') < $2
            order by i.external_id collate "C"
            """, source, MinKeys);

    private static async Task<List<string>> TextsAsync(TestDatabase database, string sql, params object[] values) =>
        [.. (await database.QueryAsync(sql, values)).Select(r => (string)r[0]!)];
}
