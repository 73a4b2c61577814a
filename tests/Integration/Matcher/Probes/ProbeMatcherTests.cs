using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Probes;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Probes;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Probes;

/// <summary>What is told of a probe is what would happen if its bytes came in.</summary>
public sealed class ProbeMatcherTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MatchAsync_AnyProbe_TellsTheGroupThatItThenGets(bool withIndex)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var contents = TestContents.Clustered(5, products: 8, each: 9, dimension: 16, noise: 0.2);
        var (members, probes) = (contents[..48], contents[48..]);
        await catalogue.EmbedAsync(members);
        await catalogue.ShowAsync([.. members.Select(p => p.ContentId)]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([.. members.Select(p => p.ContentId)], Token);
        await catalogue.RetractAsync($"{members[0].ContentId}"); // Its embedding stays, and it is no member.
        await instance.Updater.RefreshAsync([members[0].ContentId], Token);
        if (withIndex)
        {
            await using var connection = await database.DataSource.OpenConnectionAsync(Token);
            await EmbeddingIndexStore.CreateAsync(connection, catalogue.Model.HeadId, 64, Token);
        }

        var matcher = new ProbeMatcher(database.DataSource, Options.Create(new MatcherOptions())) { Reach = new ProbeReach(2, 4_000) };
        var joined = 0;
        foreach (var (id, embedding) in probes)
        {
            // A verdict stands on some of them: it comes back with the bytes.
            await catalogue.EmbedAsync((id, embedding));
            if (id % 3 == 0)
            {
                await catalogue.JudgeAsync(id, members[5].ContentId, same: id % 2 == 0);
            }

            var told = (await matcher.MatchAsync(ProbeOf(catalogue, id, embedding), 5, Token))!;
            var expected = members[1..].Select(m => (m.ContentId, Similarity.Exact(embedding, m.Embedding)))
                .OrderByDescending(m => m.Item2).ThenBy(m => m.ContentId).Take(5);
            Assert.Equal(expected, told.Nearest.Select(n => (n.ContentId, n.Similarity)));

            var before = await GroupsAsync(database);
            await catalogue.ShowAsync([id]);
            await instance.Updater.RefreshAsync([id], Token);
            var after = await GroupsAsync(database);
            var companions = after.Where(m => m.Value == after[id] && m.Key != id).Select(m => before[m.Key]).CountBy(g => g)
                .OrderByDescending(g => g.Value).ThenBy(g => g.Key)
                .Select(g => new ProbeGroup(g.Key, before.Values.Count(v => v == g.Key), g.Value)).ToList();
            Assert.Equal(companions, told.Place is ProbePlace.WithGroups(var groups) ? groups : []);
            Assert.True(companions.Count > 0 || told.Place is ProbePlace.Alone);
            joined += companions.Count;

            // As a member it is known.
            var group = new ProbeGroup(after[id], after.Values.Count(v => v == after[id]), companions.Sum(c => c.Companions));
            Assert.Equal(
                new ProbePlace.Known(id, group),
                (await matcher.MatchAsync(ProbeOf(catalogue, id, embedding), 5, Token))!.Place);
            await catalogue.RetractAsync($"{id}");
            await instance.Updater.RefreshAsync([id], Token);
        }

        Assert.InRange(joined, 5, 100);
    }

    [Fact]
    public async Task MatchAsync_OtherCases_AreTold()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var contents = TestContents.Clustered(5, products: 1, each: 9, dimension: 16);
        var (id, embedding) = contents[8];
        var matcher = new ProbeMatcher(database.DataSource, Options.Create(new MatcherOptions { MaxOnlineComponent = 5 }));

        var empty = (await matcher.MatchAsync(ProbeOf(catalogue, id, embedding), 5, Token))!;
        Assert.Equal(new ProbePlace.Alone(0), empty.Place);
        Assert.Empty(empty.Nearest);
        await catalogue.EmbedAsync(contents[..8]);
        await catalogue.ShowAsync([.. contents[..8].Select(c => c.ContentId)]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([.. contents[..8].Select(c => c.ContentId)], Token);

        Assert.Equal(new ProbePlace.TooMany(8), (await matcher.MatchAsync(ProbeOf(catalogue, id, embedding), 5, Token))!.Place);
        var narrow = new ProbeMatcher(database.DataSource, Options.Create(new MatcherOptions())) { Reach = new ProbeReach(2, 4) };
        Assert.Equal(new ProbePlace.TooMany(8), (await narrow.MatchAsync(ProbeOf(catalogue, id, embedding), 5, Token))!.Place);
        Assert.Equal(
            new ProbePlace.Blank(),
            (await matcher.MatchAsync(ProbeOf(catalogue, id, embedding) with { IsBlank = true }, 5, Token))!.Place);
        Assert.Null(await matcher.MatchAsync(ProbeOf(catalogue, id, embedding) with { HeadId = 99 }, 5, Token));

        // People's words on the very bytes count.
        await catalogue.EmbedAsync((id, embedding));
        await database.ExecuteAsync("insert into cpf.placeholder_overrides (content_id, is_placeholder) values ($1, true)", id);
        Assert.Equal(new ProbePlace.PlaceholderBytes(), (await matcher.MatchAsync(ProbeOf(catalogue, id, embedding), 5, Token))!.Place);
        await database.ExecuteAsync("update cpf.placeholder_overrides set is_placeholder = false");
        Assert.Equal(
            new ProbePlace.TooMany(8),
            (await matcher.MatchAsync(ProbeOf(catalogue, id, embedding) with { IsBlank = true }, 5, Token))!.Place);
    }

    private static ProbeAnswer ProbeOf(Catalogue catalogue, long id, Half[] embedding)
    {
        Assert.Equal(id, ContentId.FromSha256(Catalogue.HashOf(id)));
        return new()
        {
            Sha256 = Catalogue.HashOf(id), HeadId = catalogue.Model.HeadId, EmbeddingBytes = ProbeAnswer.BytesOf(embedding),
        };
    }

    private static async Task<Dictionary<long, long>> GroupsAsync(TestDatabase database) =>
        (await database.QueryAsync("select content_id, group_id from cpf.group_members"))
            .ToDictionary(row => (long)row[0]!, row => (long)row[1]!);
}
