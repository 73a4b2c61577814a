using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Candidates;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.TrainingSets;

public sealed class TrainingSetReaderTests(TestDatabases databases)
{
    [Fact]
    public async Task ReadAsync_AllKindsOfContents_LiveOnesWithTheirKeysAndVectors()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        var ids = await catalogue.AddAsync((2, 0, 0), keyOf: (key, i) => i == 4 ? null : key);
        var database = catalogue.Database;
        await database.ExecuteAsync("update cpf.images set state = 'retracted' where content_id = $1", ids[0]);
        await database.ExecuteAsync("update cpf.contents set state = 'undecodable' where content_id = $1", ids[1]);
        await database.ExecuteAsync("update cpf.contents set blank = true where content_id = $1", ids[2]);
        await database.ExecuteAsync("delete from cpf.features where content_id = $1", ids[5]);
        await database.ExecuteAsync("delete from cpf.embeddings where content_id = $1", ids[6]);
        await database.ExecuteAsync(
            "insert into cpf.verdicts (content_a, content_b, verdict, who) values ($1, $2, 'same', 'x')", ids[7], ids[9]);

        var data = await ReadAsync(catalogue);

        Assert.Equal(["3", "7 8 9", "4"], [
            .. data.Set.Classes.OrderBy(c => c.ContentIds[0]).Select(c => string.Join(' ', c.ContentIds.Select(id => ids.IndexOf(id)))),
            string.Join(' ', Unlabelled(data.Set).Select(id => ids.IndexOf(id)))]);
        Assert.Equal((6, 1), (data.Set.Counts.Live, data.Set.Counts.Placeholders));
        for (var row = 0; row < data.Set.Count; row++)
        {
            var stored = await database.QueryAsync(
                """
                select feature::text, (select embedding::text from cpf.embeddings e where e.content_id = f.content_id)
                    from cpf.features f where content_id = $1
                """, data.Set.ContentIds[row]);
            Assert.Equal(Values((string)stored[0][0]!), data.Features!.Row(row).ToArray());
            Assert.Equal(Values((string)stored[0][1]!), data.Embeddings.Row(row).ToArray());
        }
    }

    [Fact]
    public async Task ReadAsync_ACountedPlaceholder_IsOneByThePolicy()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        var ids = await catalogue.AddAsync((1, 0, 0));
        await catalogue.Database.ExecuteAsync("update cpf.placeholder_policy set min_product_keys = 3");
        await catalogue.Database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, product_key, content_id, state, revision)
            select gen_random_uuid(), 'shop', 'e' || n || c, 'x', 'k' || n, c, 'stored', 1
                from generate_series(1, 3) as n, unnest($1::bigint[]) as c
            where c = $2 or n < 3
            """, ids.ToArray(), ids[0]);

        // While another source shows it, too, it is none, and the shop's keys say nothing of it. Then the shop alone does.
        Assert.Equal((0, 4), await CountsAsync());
        await catalogue.Database.ExecuteAsync(
            "update cpf.images set state = 'retracted' where content_id = $1 and source <> 'shop'", ids[0]);
        Assert.Equal((1, 4), await CountsAsync());

        async Task<(int Placeholders, int KeyConflicts)> CountsAsync()
        {
            var counts = (await ReadAsync(catalogue)).Set.Counts;
            return (counts.Placeholders, counts.KeyConflicts);
        }
    }

    [Fact]
    public async Task ReadAsync_MoreThanABufferOfVectors_AreWhatIsStored()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        var random = new Random(3);
        (long Id, Half[] Feature, string? Key)[] rows =
            [.. Enumerable.Range(0, 30_000).Select(i => ((long)i, Enumerable.Range(0, NightCatalogue.FeatureDim)
                .Select(_ => (Half)random.NextDouble()).ToArray(), (string?)$"p{i / 2}"))];
        await catalogue.StoreAsync(rows);

        var data = await ReadAsync(catalogue);

        Assert.Equal(rows.Length, data.Set.Count);
        for (var row = 0; row < data.Set.Count; row++)
        {
            Assert.True(rows[data.Set.ContentIds[row]].Feature.AsSpan().SequenceEqual(data.Features!.Row(row)));
        }
    }

    [Fact]
    public async Task ReadFeaturesAsync_AWantedOneIsNotThere_IsAnError()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        var ids = await catalogue.AddAsync((1, 0, 0));
        await using var connection = await catalogue.Database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidDataException>(() => FeatureStream.ReadFeaturesAsync(
            connection, catalogue.Active.BackboneId, NightCatalogue.FeatureDim, new Dictionary<long, int> { [ids[0]] = 0, [1] = 1 },
            new Half[2 * NightCatalogue.FeatureDim], null, TestContext.Current.CancellationToken));
    }

    private static Task<TrainingData> ReadAsync(NightCatalogue catalogue) => new TrainingSetReader(catalogue.Database.DataSource).ReadAsync(
        catalogue.Active, withFeatures: true, null, _ => true, _ => { }, TestContext.Current.CancellationToken);

    private static IEnumerable<long> Unlabelled(TrainingSet set) => set.ContentIds.Where((_, row) => set.UseOf(row) is null);

    private static Half[] Values(string text) =>
        [.. text.Trim('[', ']').Split(',').Select(v => (Half)float.Parse(v, System.Globalization.CultureInfo.InvariantCulture))];
}
