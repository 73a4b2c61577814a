using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Nights.Drift;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Candidates;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Drift;

public sealed class DriftCheckTests(TestDatabases databases)
{
    [Fact]
    public async Task RunAsync_NoModel_Null() =>
        Assert.Null(await new DriftCheck((await databases.CreateAsync()).DataSource).RunAsync(TestContext.Current.CancellationToken));

    [Fact]
    public async Task RunAsync_ReportWithoutSimilarities_SaysSo()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        var finding = (await new DriftCheck(catalogue.Database.DataSource).RunAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((catalogue.Active.ModelId, null, false), (finding.ModelId, finding.Index, finding.IsAlarm));
    }

    [Fact]
    public async Task RunAsync_ContentsLikeBeforeThenWithoutRelatives_AlarmOnlyThen()
    {
        await using var catalogue = await NightCatalogue.CreateAsync(await databases.CreateAsync());
        await catalogue.AddAsync((60, 0, 0));
        await MeasureAsync(catalogue);
        await catalogue.Database.ExecuteAsync("update cpf.contents set created_at = now() - interval '2 days'");

        Assert.Equal(0, (await CheckAsync(catalogue)).Contents);
        await catalogue.AddAsync((50, 0, 0));
        await MatchAsync(catalogue);
        var alike = await CheckAsync(catalogue);
        Assert.Equal((250, false), (alike.Contents, alike.IsAlarm));
        Assert.InRange(alike.Index!.Value, 0, .2);

        // Nothing is like anything else.
        await catalogue.Database.ExecuteAsync("update cpf.contents set created_at = now() - interval '2 days'");
        var random = new Random(2);
        await catalogue.StoreAsync([.. Enumerable.Range(0, 300).Select(i =>
            (10_000_000L
                + i, Enumerable.Range(0, NightCatalogue.FeatureDim).Select(_ => (Half)random.NextDouble()).ToArray(), (string?)null))]);
        await MatchAsync(catalogue);
        var strange = await CheckAsync(catalogue);
        Assert.True(strange.IsAlarm, strange.Message);
        Assert.Equal(300, strange.Contents);
    }

    // As a night would leave it.
    private static async Task MeasureAsync(NightCatalogue catalogue)
    {
        await MatchAsync(catalogue);
        var rows = new EmbeddingMatrix(NightCatalogue.FeatureDim);
        await using var connection = await catalogue.Database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await CpfPipeline.Data.Embeddings.EmbeddingReader.StreamMembersAsync(
            connection, catalogue.Active.HeadId, catalogue.Active.ModelId, NightCatalogue.FeatureDim, (id, _, row) => rows.Add(id, row),
            TestContext.Current.CancellationToken);
        var histogram = NeighbourHistogram.Measure(rows, rows, TestContext.Current.CancellationToken);
        await catalogue.Database.ExecuteAsync(
            "update cpf.models set report = jsonb_build_object('similarity_histogram', $1::jsonb)", histogram.ToJson().ToJsonString());
    }

    private static Task MatchAsync(NightCatalogue catalogue) => catalogue.Database.ExecuteAsync(
        """
        insert into cpf.group_members (model_id, content_id, group_id, component_id) select $1, content_id, content_id, content_id
            from cpf.contents on conflict do nothing
        """,
        catalogue.Active.ModelId);

    private static async Task<DriftFinding> CheckAsync(NightCatalogue catalogue) =>
        (await new DriftCheck(catalogue.Database.DataSource).RunAsync(TestContext.Current.CancellationToken))!;
}
