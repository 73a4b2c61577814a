using CpfPipeline.Contracts;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Placeholders;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Placeholders;

/// <summary>A picture that many products use never pulls them together; people can overrule the count, and undo that.</summary>
public sealed class PlaceholderIntakeTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refresh_ContentUnderManyProducts_LeavesAndComesBackWithEvents()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await FillAsync(database);
        var told = new List<object>();
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions(), dispatch: (rows, _) =>
        {
            told.AddRange(rows.Where(r => r.Type == nameof(PlaceholderChanged)).Select(r => r.Payload));
            return Task.CompletedTask;
        });
        await matcher.Updater.RefreshAsync(ids, Token);
        var logo = ids[0];

        for (var product = 0; product < 20; product++)
        {
            await catalogue.SubmitAsync($"listing-{product}", logo, $"key-{product}");
            await matcher.Updater.RefreshAsync([logo], Token);
        }

        Assert.DoesNotContain(logo, await MembersAsync(database));
        Assert.Equal([(true, 20)], await EventsAsync(database));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from cpf.placeholders where product_keys = 20 and images = 21"));
        Assert.Single(told);

        await matcher.Updater.RefreshAsync([logo], Token); // Told again: no second event.
        Assert.Single(await EventsAsync(database));

        await catalogue.RetractAsync("listing-7");
        await matcher.Updater.RefreshAsync([logo], Token);
        Assert.Contains(logo, await MembersAsync(database));
        Assert.Equal([(true, 20), (false, 19)], await EventsAsync(database));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.placeholders"));
        Assert.Equal(2, told.Count);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task OverrideAsync_MarkKeepAuto_TheGroupsFollowAndItCanBeUndone()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await FillAsync(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync(ids, Token);
        var intake = new PlaceholderIntake(database.DataSource, matcher.Updater, matcher.Repair, (_, _) => Task.CompletedTask);
        var picture = new PictureName("s", $"{ids[0]}", null);

        Assert.Null(await intake.OverrideAsync(new PlaceholderRequest(picture, "mark", "ann", "a logo"), Token));
        Assert.DoesNotContain(ids[0], await MembersAsync(database));
        Assert.Equal("ann a logo", await database.ScalarAsync<string>("select who || ' ' || note from cpf.placeholders"));
        Assert.Equal("ann", await database.ScalarAsync<string>("select who from cpf.placeholder_events"));

        Assert.Null(await intake.OverrideAsync(new PlaceholderRequest(picture, "auto", "ann", null), Token));
        Assert.Contains(ids[0], await MembersAsync(database));
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();

        for (var product = 0; product < 20; product++)
        {
            await catalogue.SubmitAsync($"listing-{product}", ids[0], $"key-{product}");
        }

        Assert.Null(await intake.OverrideAsync(new PlaceholderRequest(picture, "keep", "ann", null), Token));
        Assert.Contains(ids[0], await MembersAsync(database));

        Assert.Contains("mark, keep or auto", (
            await intake.OverrideAsync(new PlaceholderRequest(picture, null, "ann", null), Token))!.Value.Problem,
            StringComparison.Ordinal);
        Assert.Equal(("who must name a person, in at most 200 characters.", false),
            await intake.OverrideAsync(new PlaceholderRequest(picture, "mark", "", null), Token));
        Assert.True((await intake.OverrideAsync(
            new PlaceholderRequest(new PictureName("s", "nothing", null), "mark", "ann", null), Token))!.Value.Unknown);
    }

    [Fact]
    public async Task SetPolicyAsync_LowerAndHigher_LetsOutAndIn()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await FillAsync(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        for (var product = 0; product < 5; product++)
        {
            await catalogue.SubmitAsync($"listing-{product}", ids[0], $"key-{product}");
        }

        await matcher.Updater.RefreshAsync(ids, Token);
        var intake = new PlaceholderIntake(database.DataSource, matcher.Updater, matcher.Repair, (_, _) => Task.CompletedTask);

        Assert.Null(await intake.SetPolicyAsync(new PlaceholderPolicy(5), Token));
        Assert.DoesNotContain(ids[0], await MembersAsync(database));
        Assert.Null(await intake.SetPolicyAsync(new PlaceholderPolicy(6), Token));
        Assert.Contains(ids[0], await MembersAsync(database));
        Assert.NotNull(await intake.SetPolicyAsync(new PlaceholderPolicy(1), Token));
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Refresh_BlankPicture_IsAPlaceholderUnlessAPersonKeepsIt()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await FillAsync(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync(ids, Token);
        var intake = new PlaceholderIntake(database.DataSource, matcher.Updater, matcher.Repair, (_, _) => Task.CompletedTask);
        var picture = new PictureName("s", $"{ids[0]}", null);

        await database.ExecuteAsync("update cpf.contents set blank = true where content_id = $1", ids[0]);
        await matcher.Updater.RefreshAsync([ids[0]], Token);

        Assert.DoesNotContain(ids[0], await MembersAsync(database));
        Assert.Equal([(true, 0)], await EventsAsync(database));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from cpf.placeholders where blank and images = 1"));
        Assert.Equal("placeholder", await database.ScalarAsync<string>(
            "select status from cpf.image_status where content_id = $1", ids[0]));

        Assert.Null(await intake.OverrideAsync(new PlaceholderRequest(picture, "keep", "ann", "a white card"), Token));
        Assert.Contains(ids[0], await MembersAsync(database));
        Assert.Null(await intake.OverrideAsync(new PlaceholderRequest(picture, "auto", "ann", null), Token));
        Assert.DoesNotContain(ids[0], await MembersAsync(database));
        Assert.Null(await intake.OverrideAsync(new PlaceholderRequest(picture, "keep", "ann", "a white card"), Token));
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    private static async Task<(Catalogue Catalogue, long[] Ids)> FillAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(4, products: 2, each: 2, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        var ids = pictures.Select(p => p.ContentId).ToArray();
        await catalogue.ShowAsync(ids);
        return (catalogue, ids);
    }

    private static async Task<long[]> MembersAsync(TestDatabase database) =>
        [.. (await database.QueryAsync("select content_id from cpf.group_members")).Select(r => (long)r[0]!)];

    private static async Task<(bool, int)[]> EventsAsync(TestDatabase database) =>
        [.. (await database.QueryAsync("select is_placeholder, product_keys from cpf.placeholder_events order by seq"))
            .Select(r => ((bool)r[0]!, (int)r[1]!))];
}
