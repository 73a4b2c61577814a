using CpfPipeline.Data.Ids;
using CpfPipeline.Matcher;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

public sealed class SimilarImagesTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SimilarImages_NoIndex_IsTheExactRankingOfMatchedImages()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);

        // Close enough that single precision puts some in the wrong order, and every tenth picture five times.
        var pictures = TestContents.Clustered(11, products: 3, each: 200, dimension: 16, noise: 0.002);
        for (var i = 0; i < pictures.Length; i += 10)
        {
            for (var copy = 1; copy < 5; copy++)
            {
                pictures[i + copy].Embedding = pictures[i].Embedding;
            }
        }

        // More equally similar ones, the most similar to their product, than are looked at first.
        Half[] longer = [.. pictures[300].Embedding.Select(v => (Half)(1.05 * (double)v))];
        for (var i = 303; i < pictures.Length; i += 3)
        {
            pictures[i].Embedding = longer;
        }

        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        for (var i = 0; i < 200; i += 3)
        {
            await catalogue.RetractAsync($"{pictures[i].ContentId}");
        }

        await matcher.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        await catalogue.SubmitAsync("copy", pictures[400].ContentId);
        var live = pictures.Where((_, i) => i >= 200 || i % 3 != 0)
            .Select(p => (Name: $"{p.ContentId}", p.Embedding)).Append((Name: "copy", pictures[400].Embedding)).ToArray();
        var team = new DataTeam(database);
        foreach (var query in new[] { 1, 300, 400, 410, 599 })
        {
            foreach (var k in new[] { 1, 10, 150, 500 })
            {
                var own = pictures[query];
                bool IsCopy(string name) => query == 400 && name == "copy";
                var expected = live.Where(p => p.Name != $"{own.ContentId}")
                    .Select(p => (p.Name, Similarity: IsCopy(p.Name) ? 1 : Similarity.Exact(own.Embedding, p.Embedding)))
                    .OrderBy(p => !IsCopy(p.Name))
                        .ThenByDescending(p => p.Similarity).ThenBy(p => p.Name, StringComparer.Ordinal).Take(k).ToArray();

                var rows = (await team.AskAsync("select * from cpf.similar_images($1, $2)", ImageId.From("s", $"{own.ContentId}"), k)).Rows;

                Assert.Equal(expected, rows.Select(r => ((string)r["external_id"]!, (double)r["similarity"]!)));
                Assert.All(rows, r => Assert.Equal((double)r["similarity"]! >= 0.9, (bool)r["matches"]!));
            }
        }
    }

    [Fact]
    public async Task SimilarImages_Index_UsesItAndLeavesTheCallersSettings()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(12, products: 1000, each: 4, dimension: 16, noise: 0.05);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        await database.ExecuteAsync("select cpf.create_embedding_index($1)", catalogue.Model.HeadId);
        await database.ExecuteAsync("analyze");
        var ids = pictures.ToDictionary(p => $"{p.ContentId}", p => p.Embedding);
        var found = 0;
        for (var query = 0; query < 20; query++)
        {
            var own = pictures[query];
            var rows = (await new DataTeam(database)
                .AskAsync("select * from cpf.similar_images($1, 10)", ImageId.From("s", $"{own.ContentId}"))).Rows;

            Assert.Equal(10, rows.Count);
            Assert.All(rows, r => Assert.Equal(Similarity.Exact(own.Embedding, ids[(string)r["external_id"]!]), (double)r["similarity"]!));
            Assert.Equal(rows.OrderByDescending(r => (double)r["similarity"]!), rows);
            found += ids.Where(p => p.Key != $"{own.ContentId}").OrderByDescending(p => Similarity.Exact(own.Embedding, p.Value)).Take(10)
                .Count(p => rows.Any(r => (string)r["external_id"]! == p.Key));
        }

        Assert.True(found > 190, $"{found} of 200 nearest found");
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("begin"), new("set local hnsw.ef_search = 77"),
                    new("select * from cpf.similar_images((select image_id from cpf.images limit 1), 10)"),
                new("""
                    select current_setting('hnsw.ef_search'), pg_stat_get_xact_numscans('cpf.embeddings_h1_hnsw'::regclass),
                           pg_stat_get_xact_numscans('cpf.embeddings_h1'::regclass)
                    """),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(Token);
        await reader.NextResultAsync(Token);
        await reader.ReadAsync(Token);
        Assert.Equal("77", reader.GetString(0));
        Assert.NotEqual(0L, reader.GetInt64(1));
        Assert.Equal(0L, reader.GetInt64(2)); // No sequential scan.
    }

    [Fact]
    public async Task SimilarImages_WrongArgument_SaysWhatIsWrong()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1]);
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, state, revision) values ($1, 's', 'new', 'x', 'received', 1)
            """, ImageId.From("s", "new"));
        var team = new DataTeam(database);

        Assert.Empty((await team.AskAsync("select * from cpf.similar_images($1)", ImageId.From("s", "new"))).Rows);
        var unknown = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select * from cpf.similar_images($1)", Guid.Empty));
        var nothing = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select * from cpf.similar_images(null)"));
        var none = await Assert.ThrowsAsync<PostgresException>(() =>
            team.AskAsync("select * from cpf.similar_images($1, 0)", ImageId.From("s", "1")));
        Assert.Equal(PostgresErrorCodes.NoDataFound, unknown.SqlState);
        Assert.Equal("22004", nothing.SqlState);
        Assert.Contains("k must be 1 to 1000, not 0", none.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MatchPairs_AllRows_CarryTheExactSimilarity()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(13, products: 5, each: 8, dimension: 16, noise: 0.15);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        await catalogue.JudgeAsync(pictures[0].ContentId, pictures[5].ContentId, same: false);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        await matcher.SettleAsync(Token);
        var embeddings = pictures.ToDictionary(p => p.ContentId, p => p.Embedding);
        var groups = catalogue.Expected().Groups;

        var rows = (await new DataTeam(database).AskAsync("select * from cpf.match_pairs")).Rows;

        Assert.Contains(rows, r => (bool)r["matches"]!);
        Assert.Contains(rows, r => !(bool)r["matches"]!);
        Assert.Single(rows, r => (string?)r["verdict"] == "different");
        Assert.All(rows, r =>
        {
            var (a, b) = ((long)r["content_a"]!, (long)r["content_b"]!);
            Assert.Equal(Similarity.Exact(embeddings[a], embeddings[b]), (double)r["similarity"]!);
            Assert.Equal((double)r["similarity"]! >= 0.9, (bool)r["matches"]!);
            Assert.Equal((groups[a], groups[b]), ((long)r["group_a"]!, (long)r["group_b"]!));
            Assert.Equal(ImageId.From("s", (string)r["external_id_b"]!), (Guid)r["image_b"]!);
        });
    }
}
