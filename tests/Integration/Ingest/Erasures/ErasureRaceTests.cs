using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

/// <summary>Concurrent work must neither bring back what is erased nor lose anything else.</summary>
public sealed class ErasureRaceTests(TestDatabases databases)
{
    [Fact]
    public async Task Intake_ContentErasedBetweenItsBytesAndItsRow_IsRejectedWithoutALeftover()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        var before = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("b", 1)], default);
        await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);
        var after = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("c", 1)], default);
        await harness.Ingest.Blobs.WriteAsync(sha256, new byte[] { 1 }, default); // As if written after the erasure had looked.

        Assert.Equal("erased", (await harness.Ingest.Intake.ApplyAsync(before, null, default))[0].Reason);
        Assert.Equal("erased", (await harness.Ingest.Intake.ApplyAsync(after, null, default))[0].Reason);

        Assert.Empty(await harness.TracesAsync(sha256));
    }

    [Fact]
    public async Task Intake_ImageErasedBetweenItsBytesAndItsRow_LeavesNoRowAndTheBytesOfOthers()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        await harness.SubmitAsync("b", 1);
        var prepared = await harness.Ingest.Intake.PrepareAsync(
            [ErasureHarness.Entry("a", 1, revision: long.MaxValue), ErasureHarness.Entry("a", 2, revision: long.MaxValue)], default);
        await harness.FinishAsync(await harness.RequestAsync("a"), sha256);

        Assert.Equal(["erased", "erased"], (await harness.Ingest.Intake.ApplyAsync(prepared, null, default)).Select(r => r.Reason));

        Assert.Equal([("b", "stored")], await harness.Ingest.StatesAsync());
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
    }

    [Fact]
    public async Task Intake_UpdateWaitsForTheImagesErasure_DoesNotBringItBack()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.SubmitAsync("a", 1);
        await using var connection = await harness.Database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, "delete from cpf.images where external_id = 'a'");

        // The update shows another content, so that only the image's row is in the way.
        var update = harness.SubmitAsync("a", 2);
        await harness.WaitingAsync();
        await ExecuteAsync(connection, "insert into cpf.erasures (scope, tombstone, who) values ('image', $1, 'x')",
            harness.Ingest.Key.OfImage("shop", "a"));
        await ExecuteAsync(
            connection, "insert into cpf.tombstones (hash, kind, erasure_id) select tombstone, 'image', erasure_id from cpf.erasures");
        await transaction.CommitAsync();

        Assert.Equal("erased", (await update).Reason);
        Assert.Empty(await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Intake_BytesCollectedBeforeAnImageReferredToThem_StoresThemAgain()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await RetractedAsync(harness);
        var prepared = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("b", 1)], default);
        Assert.Equal(1, await harness.NewCollection(TimeSpan.Zero).RunAsync(default));
        Assert.False(await harness.Ingest.Blobs.ExistsAsync(sha256, default));

        Assert.Null((await harness.Ingest.Intake.ApplyAsync(prepared, null, default))[0].Reason);

        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
        Assert.Equal([("a", "retracted"), ("b", "stored")], await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Intake_WhileTheCollectionIsAtIt_WaitsAndStoresThemAgain()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await RetractedAsync(harness);
        await harness.Unreferenced.ScanAsync(-1, 100, default);
        Task<IntakeResult>? submission = null;

        await harness.Unreferenced.CollectAsync(TimeSpan.Zero, 100, async (hash, token) =>
        {
            submission = harness.SubmitAsync("b", 1);
            await harness.WaitingAsync();
            await harness.Ingest.Blobs.DeleteAsync(hash, token);
        }, default);

        Assert.Null((await submission!).Reason);
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
        Assert.Equal([("a", "retracted"), ("b", "stored")], await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Collection_WhileAnImageIsBeingLinked_LeavesTheContent()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await RetractedAsync(harness);
        await harness.Unreferenced.ScanAsync(-1, 100, default);
        var prepared = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("b", 1)], default);

        await harness.Ingest.Intake.ApplyAsync(prepared, async (_, _, _) =>
            Assert.Equal(0, await harness.NewCollection(TimeSpan.Zero).RunAsync(default)), default);

        Assert.Equal(0, await harness.NewCollection(TimeSpan.Zero).RunAsync(default));
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.unreferenced_contents"));
    }

    [Fact]
    public async Task Embedder_CommitsWhileAnErasureHoldsTheContent_StoresNothing()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.SubmitAsync("a", 1);
        var sha256 = System.Security.Cryptography.SHA256.HashData(TestPicturesOf(1));
        var id = ContentId.FromSha256(sha256);
        var batch = new EmbeddingBatch(
            [harness.Model.HeadId], [new FeatureRows(harness.Model.BackboneId, [id], [new Half[8]])],
            [new EmbeddingRows(harness.Model.HeadId, harness.Model.BackboneId, [id], [new[] { (Half)1, (Half)0 }])],
            new Dictionary<long, IReadOnlyList<long>>());
        var embeddings = new EmbeddingStore(harness.Database.DataSource);
        await using (var connection = await harness.Database.DataSource.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await ExecuteAsync(connection, "update cpf.contents set state = 'erased'");
            var commit = embeddings.CommitAsync(batch, (_, _) => [], default);
            await harness.WaitingAsync();
            await transaction.CommitAsync();
            Assert.Equal(0, (await commit).Stored);
            await ExecuteAsync(connection, "update cpf.contents set state = 'stored'");
        }

        await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);
        Assert.Equal(0, (await embeddings.CommitAsync(batch, (_, _) => [], default)).Stored);
        Assert.Empty(await harness.TracesAsync(sha256));
    }

    [Fact]
    public async Task Matcher_SearchEndsAfterThePurge_StoresNoPairOfTheErased()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        var other = await harness.ShowAsync("b", 2, 0.9, 0.1);
        var (x, y) = (ContentId.FromSha256(sha256), ContentId.FromSha256(other));
        await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);

        await using var connection = await harness.Database.DataSource.OpenConnectionAsync();
        await MatchStore.AddAsync(connection, harness.Model.HeadId, [new MatchRow(Math.Min(x, y), Math.Max(x, y), 0.9)], default);

        Assert.Empty(await harness.TracesAsync(sha256));
    }

    [Fact]
    public async Task Matcher_AnotherProcessKnewTheErased_StillMatchesWhatIsLikeIt()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        using var other = new MatcherInstance(harness.Database.DataSource, new MatcherOptions());
        var sha256 = await harness.ShowAsync("a", 1);
        await harness.SubmitAsync("b", 2);
        await harness.EmbedAsync(2, 0, 1);
        await other.Updater.RecomputeAsync([ContentId.FromSha256(sha256)], default); // It has read them all.
        await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);

        // The new content is similar to the erased one. An edge to a missing content would make the update start again for ever.
        await harness.SubmitAsync("c", 3);
        var third = System.Security.Cryptography.SHA256.HashData(TestPicturesOf(3));
        await harness.Database.ExecuteAsync(
            "insert into cpf.embeddings values ($1, $2, $3)", harness.Model.HeadId, ContentId.FromSha256(third),
            new Pgvector.HalfVector(new[] { (Half)1, (Half)0 }));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await other.Updater.RefreshAsync([ContentId.FromSha256(third)], limit.Token);

        Assert.Equal(2L, await harness.Database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members"));
        await harness.AssertHistoryAsync();
    }

    [Fact]
    public async Task Matcher_ContentCollectedAndEmbeddedAgain_IsComparedByItsNewEmbedding()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        using var other = new MatcherInstance(harness.Database.DataSource, new MatcherOptions());
        var sha256 = await RetractedAsync(harness, async first =>
            await other.Updater.RecomputeAsync([ContentId.FromSha256(first)], default));
        await other.Updater.RefreshAsync([ContentId.FromSha256(sha256)], default);
        Assert.Equal(1, await harness.NewCollection(TimeSpan.Zero).RunAsync(default));

        await harness.ShowAsync("b", 1, 0, 1);
        await harness.SubmitAsync("c", 2);
        var second = System.Security.Cryptography.SHA256.HashData(TestPicturesOf(2));
        await harness.Database.ExecuteAsync(
            "insert into cpf.embeddings values ($1, $2, $3)", harness.Model.HeadId, ContentId.FromSha256(second),
            new Pgvector.HalfVector(new[] { (Half)0, (Half)1 }));
        await other.Updater.RefreshAsync([ContentId.FromSha256(second)], default);

        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members"));
    }

    private static async Task<byte[]> RetractedAsync(ErasureHarness harness, Func<byte[], Task>? before = null)
    {
        var sha256 = await harness.ShowAsync("a", 1);
        await (before?.Invoke(sha256) ?? Task.CompletedTask);
        await harness.RetractAsync("a");
        await harness.DeliverAsync(sha256);
        return sha256;
    }

    private static byte[] TestPicturesOf(int n) => Ingest.Samples.TestPictures.Gif(n);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, params object[] parameters)
    {
#pragma warning disable CA2100 // The test's own text.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        await command.ExecuteNonQueryAsync();
    }
}
