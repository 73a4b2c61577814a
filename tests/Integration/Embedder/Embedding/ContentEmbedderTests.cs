using System.Text.Json;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Embedder.Embedding;

public sealed class ContentEmbedderTests(TestDatabases databases)
{
    [Fact]
    public async Task EmbedAsync_NewContents_StoresAndAnnouncesThem()
    {
        await using var harness = await StartAsync();
        var model = await ActivateAsync(harness);
        var ids = await StoreAsync(harness, 5);

        await harness.Embedder.EmbedAsync(ids, Urgency.Arrival, CancellationToken.None);

        var embeddings = await harness.EmbeddingsAsync(model);
        Assert.Equal(ids.Order(), embeddings.Keys.Order());
        Assert.Equal(5, embeddings.Values.Distinct().Count());
        Assert.Equal(5, (await harness.VectorsAsync("features", "backbone_id", model.BackboneId)).Count);
        var announced = Assert.Single(await harness.OutboxAsync("ContentsEmbedded"));
        Assert.Equal(ids.Order(), IdsOf(announced));
    }

    [Fact]
    public async Task EmbedAsync_Again_ChangesNothingAndAnnouncesAgain()
    {
        await using var harness = await StartAsync();
        var model = await ActivateAsync(harness);
        var ids = await StoreAsync(harness, 3);
        await harness.Embedder.EmbedAsync(ids, Urgency.Arrival, CancellationToken.None);
        var before = await harness.EmbeddingsAsync(model);

        await harness.Embedder.EmbedAsync([.. ids, .. ids], Urgency.Arrival, CancellationToken.None);

        Assert.Equal(before, await harness.EmbeddingsAsync(model));
        Assert.Equal(2, (await harness.OutboxAsync("ContentsEmbedded")).Count);
    }

    [Fact]
    public async Task EmbedAsync_SameContentsAtOnce_StoresEachOnce()
    {
        await using var harness = await StartAsync();
        var model = await ActivateAsync(harness);
        var ids = await StoreAsync(harness, 40);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => harness.Embedder.EmbedAsync(
            [.. i % 2 == 0 ? ids : ids.Reverse()], Urgency.Arrival, CancellationToken.None)));

        Assert.Equal(40, (await harness.EmbeddingsAsync(model)).Count);
    }

    [Fact]
    public async Task EmbedAsync_PoisonInBatch_RejectsItsImagesAndStoresTheRest()
    {
        await using var harness = await StartAsync();
        var model = await ActivateAsync(harness);
        var good = await StoreAsync(harness, 3);
        var cut = await harness.StoreAsync(EmbedderHarness.Picture(99)[..120]);
        var noise = await harness.StoreAsync("no picture at all"u8.ToArray());
        var black = await harness.StoreAsync(EmbedderHarness.Black());
        await harness.LinkAsync(cut, "second");

        await harness.Embedder.EmbedAsync([.. good, cut, noise, black], Urgency.Arrival, CancellationToken.None);

        Assert.Equal(good.Order(), (await harness.EmbeddingsAsync(model)).Keys.Order());
        var states = (await harness.Database.QueryAsync("select content_id, reject_reason from cpf.contents where state = 'undecodable'"))
            .ToDictionary(row => (long)row[0]!, row => (string)row[1]!);
        Assert.Equal([cut, noise, black], states.Keys.ToHashSet());
        Assert.Equal("unsupported_format", states[noise]);
        Assert.Equal("no_feature", states[black]);
        Assert.Equal(4L, await harness.Database.ScalarAsync<long>(
            "select count(*) from cpf.images where state = 'rejected' and reject_reason is not null and content_id is null"));
        Assert.Equal(4, (await harness.OutboxAsync("ImageRejected")).Count);
        Assert.Equal(new[] { cut, noise, black }.Order(), IdsOf(Assert.Single(await harness.OutboxAsync("ContentReleased"))));
    }

    [Fact]
    public async Task EmbedAsync_ImageLinkedToUndecodableContent_IsRejectedToo()
    {
        await using var harness = await StartAsync();
        await ActivateAsync(harness);
        var noise = await harness.StoreAsync("no picture at all"u8.ToArray());
        await harness.Embedder.EmbedAsync([noise], Urgency.Arrival, CancellationToken.None);
        await harness.LinkAsync(noise, "late");

        await harness.Embedder.EmbedAsync([noise], Urgency.Arrival, CancellationToken.None);

        Assert.Equal(2, (await harness.OutboxAsync("ImageRejected")).Count);
    }

    [Fact]
    public async Task EmbedAsync_MissingBlobInBatch_StoresTheRestAndSendsItAlone()
    {
        await using var harness = await StartAsync();
        var model = await ActivateAsync(harness);
        var good = await StoreAsync(harness, 3);
        var lost = await harness.StoreAsync(EmbedderHarness.Picture(50), withBlob: false);

        await harness.Embedder.EmbedAsync([.. good, lost], Urgency.Arrival, CancellationToken.None);

        Assert.Equal(good.Order(), (await harness.EmbeddingsAsync(model)).Keys.Order());
        Assert.Equal([lost], IdsOf(Assert.Single(await harness.OutboxAsync("EmbedContents"))));
        await Assert.ThrowsAsync<BlobMissingException>(() => harness.Embedder.EmbedAsync([lost], Urgency.Arrival, CancellationToken.None));
        Assert.Equal("stored", await harness.Database.ScalarAsync<string>("select state from cpf.contents where content_id = $1", lost));
    }

    [Fact]
    public async Task EmbedAsync_ErasedWhileItsBytesWereRead_IsNoFailure()
    {
        var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        long? erased = null;
        await using var harness = new EmbedderHarness(database, decorate: blobs => new ErasingBlobs(blobs, () => erased is { } id
            ? database.ExecuteAsync("update cpf.contents set state = 'erased' where content_id = $1", id)
            : Task.CompletedTask));
        var model = await ActivateAsync(harness);
        var good = await StoreAsync(harness, 2);
        erased = await harness.StoreAsync(EmbedderHarness.Picture(50), withBlob: false);

        await harness.Embedder.EmbedAsync([.. good, erased.Value], Urgency.Arrival, CancellationToken.None);
        await harness.Embedder.EmbedAsync([erased.Value], Urgency.Arrival, CancellationToken.None);

        Assert.Equal(good.Order(), (await harness.EmbeddingsAsync(model)).Keys.Order());
        Assert.Empty(await harness.OutboxAsync("EmbedContents"));
    }

    [Fact]
    public async Task EmbedAsync_ModelActivatedWithoutNotice_EmbedsUnderTheNewOne()
    {
        await using var harness = await StartAsync();
        await ActivateAsync(harness);
        var ids = await StoreAsync(harness, 3);
        await harness.Embedder.EmbedAsync(ids[..1], Urgency.Arrival, CancellationToken.None);

        var second = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head(2));
        await harness.Embedder.EmbedAsync(ids, Urgency.Arrival, CancellationToken.None);

        Assert.Equal(ids.Order(), (await harness.EmbeddingsAsync(second)).Keys.Order());
        Assert.Equal(second.ModelId, Assert.Single(harness.Serving.Current).ModelId);
    }

    [Fact]
    public async Task EmbedAsync_NewHeadOnStoredFeatures_NeedsNoBlobAndGivesTheSameBits()
    {
        await using var harness = await StartAsync();
        await ActivateAsync(harness);
        var ids = await StoreAsync(harness, 37);
        await harness.Embedder.EmbedAsync(ids, Urgency.Arrival, CancellationToken.None);
        await harness.Database.ExecuteAsync("update cpf.contents set sha256 = sha256(sha256)"); // No blob can be found any more.
        var second = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head(2));
        await harness.Embedder.EmbedAsync(ids, Urgency.Arrival, CancellationToken.None);
        var backfilled = await harness.EmbeddingsAsync(second);

        await using var live = new EmbedderHarness(await databases.CreateAsync(TestContext.Current.CancellationToken), batchSize: 5);
        var model = await TinyModels.ActivateAsync(live.Models, live.Blobs, TinyModels.Backbone(), TinyModels.Head(2));
        foreach (var id in await StoreAsync(live, 37))
        {
            await live.Embedder.EmbedAsync([id], Urgency.Arrival, CancellationToken.None);
        }

        Assert.Equal(37, backfilled.Count);
        Assert.Equal(backfilled.OrderBy(e => e.Key), (await live.EmbeddingsAsync(model)).OrderBy(e => e.Key));
    }

    [Fact]
    public async Task EmbedAsync_ShadowModel_EmbedsUnderBoth()
    {
        await using var harness = await StartAsync();
        var first = await ActivateAsync(harness);
        var second = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(2), TinyModels.Head(2));
        await harness.Database.ExecuteAsync("update cpf.models set state = 'shadow' where model_id = $1", first.ModelId);
        var ids = await StoreAsync(harness, 3);

        await harness.Embedder.EmbedAsync(ids, Urgency.Arrival, CancellationToken.None);

        Assert.Equal(3, (await harness.EmbeddingsAsync(first)).Count);
        Assert.Equal(3, (await harness.EmbeddingsAsync(second)).Count);
        Assert.Equal(2, (await harness.OutboxAsync("ContentsEmbedded")).Count);
    }

    [Fact]
    public async Task EmbedAsync_BeforeTheFirstModel_WaitsForIt()
    {
        await using var harness = await StartAsync();
        var ids = await StoreAsync(harness, 2);

        var embedding = harness.Embedder.EmbedAsync(ids, Urgency.Arrival, CancellationToken.None);
        Assert.False(embedding.IsCompleted);
        var model = await ActivateAsync(harness);
        await embedding.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(2, (await harness.EmbeddingsAsync(model)).Count);
    }

    [Fact]
    public async Task EmbedAsync_Cancelled_StoresNothing()
    {
        await using var harness = await StartAsync();
        var model = await ActivateAsync(harness);
        var ids = await StoreAsync(harness, 3);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            harness.Embedder.EmbedAsync(ids, Urgency.Arrival, new CancellationToken(canceled: true)));

        Assert.Empty(await harness.EmbeddingsAsync(model));
    }

    private async Task<EmbedderHarness> StartAsync() => new(await databases.CreateAsync(TestContext.Current.CancellationToken));

    private static Task<ServingModel> ActivateAsync(EmbedderHarness harness) =>
        TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head());

    private static async Task<long[]> StoreAsync(EmbedderHarness harness, int count)
    {
        var ids = new long[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = await harness.StoreAsync(EmbedderHarness.Picture(i));
        }

        return ids;
    }

    private static long[] IdsOf(string payload) =>
        [.. JsonDocument.Parse(payload).RootElement.GetProperty("contentIds").EnumerateArray().Select(JsonId.Of).Order()];
}
