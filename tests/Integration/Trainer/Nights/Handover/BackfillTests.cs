using System.Reflection;
using CpfPipeline.Data.Models;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Nights;
using CpfPipeline.Nights.Handover;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vision.Models;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Handover;

public sealed class BackfillTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Load_FromStoredFeatures_GivesTheBitsOfTheEmbedder()
    {
        const int Pictures = 70;
        await using var ours = await FillAsync(Pictures, TinyModels.Head(1));
        await using var theirs = await FillAsync(Pictures, TinyModels.Head(2));
        var candidate = await RegisterAsync(ours, TinyModels.Head(2));

        await BackfillOf(ours).LoadAsync(candidate, (_, _) => { }, Token);

        var expected = await theirs.EmbeddingsAsync((await theirs.Models.GetActiveAsync(Token))!);
        Assert.Equal(Pictures, expected.Count);
        Assert.Equal(expected.OrderBy(e => e.Key), (await ours.EmbeddingsAsync(candidate)).OrderBy(e => e.Key));
    }

    [Fact]
    public async Task Load_ErasedAndRetractedContents_GetNoEmbedding()
    {
        await using var harness = await FillAsync(6, TinyModels.Head(1));
        var candidate = await RegisterAsync(harness, TinyModels.Head(2));
        var ids = (await harness.Database.QueryAsync("select content_id from cpf.contents order by 1")).Select(r => (long)r[0]!).ToList();
        await harness.Database.ExecuteAsync("update cpf.contents set state = 'erased' where content_id = $1", ids[0]);
        await harness.Database.ExecuteAsync("update cpf.images set state = 'retracted' where content_id = $1", ids[1]);

        await BackfillOf(harness).LoadAsync(candidate, (_, _) => { }, Token);

        Assert.Equal(ids[2..], (await harness.EmbeddingsAsync(candidate)).Keys.Order());
    }

    [Fact]
    public async Task CatchUp_ShadowAndEmbedderAtOnce_EveryContentOnceAndNoneMissing()
    {
        await using var harness = await FillAsync(20, TinyModels.Head(1));
        var candidate = await RegisterAsync(harness, TinyModels.Head(2));
        await BackfillOf(harness).LoadAsync(candidate, (_, _) => { }, Token);
        var late = new List<long>();
        for (var i = 100; i < 130; i++)
        {
            late.Add(await harness.StoreAsync(EmbedderHarness.Picture(i)));
        }

        await harness.Embedder.EmbedAsync(late, Urgency.Arrival, Token); // Under the active head alone.
        await new ModelTransitions(harness.Database.DataSource).BecomeShadowAsync(candidate.ModelId, Token);
        await harness.Serving.ReloadAsync(Token);
        var more = await harness.StoreAsync(EmbedderHarness.Picture(200));
        var shadow = (await harness.Models.FindAsync(candidate.ModelId, Token))!;

        await Task.WhenAll(
            BackfillOf(harness).CatchUpAsync(shadow, (_, _) => { }, Token),
            harness.Embedder.EmbedAsync([.. late, more], Urgency.Arrival, Token));

        Assert.Equal(51, (await harness.EmbeddingsAsync(candidate)).Count);
        Assert.Equal(
            (0, 0), await new BackfillStore(harness.Database.DataSource).CountMissingAsync(candidate.HeadId, candidate.BackboneId, Token));
    }

    [Fact]
    public async Task CatchUp_OtherBackbone_AsksTheEmbedderOnceAndWaits()
    {
        await using var harness = await FillAsync(5, TinyModels.Head(1), TinyModels.Backbone(2));
        var old = (await harness.Models.GetActiveAsync(Token))!;
        await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head(1));
        await harness.Serving.ReloadAsync(Token);
        var id = await harness.StoreAsync(EmbedderHarness.Picture(77));
        await harness.Embedder.EmbedAsync([id], Urgency.Arrival, Token);
        await new ModelTransitions(harness.Database.DataSource).BecomeShadowAsync(old.ModelId, Token);
        var said = new List<string>();

        var catchUp = BackfillOf(harness).CatchUpAsync(
            (await harness.Models.FindAsync(old.ModelId, Token))!, (_, message) => { lock (said) { said.Add(message!); } }, Token);
        await Until.TrueAsync(() => Task.FromResult(said.Count > 1));
        Assert.False(catchUp.IsCompleted);
        await harness.Serving.ReloadAsync(Token);
        await harness.Embedder.EmbedAsync([id], Urgency.Arrival, Token); // What the backfill queue brings.
        await catchUp;

        Assert.Equal($$"""{"contentIds": ["{{id}}"]}""", Assert.Single(await harness.OutboxAsync("EmbedContents")));
        Assert.Equal(6, (await harness.EmbeddingsAsync(old)).Count);
    }

    private async Task<EmbedderHarness> FillAsync(int pictures, byte[] head, byte[]? backbone = null)
    {
        var harness = new EmbedderHarness(await databases.CreateAsync(Token));
        await TinyModels.ActivateAsync(harness.Models, harness.Blobs, backbone ?? TinyModels.Backbone(), head);
        var ids = new List<long>();
        for (var i = 0; i < pictures; i++)
        {
            ids.Add(await harness.StoreAsync(EmbedderHarness.Picture(i)));
        }

        await harness.Embedder.EmbedAsync(ids, Urgency.Arrival, Token);
        return harness;
    }

    private static async Task<ServingModel> RegisterAsync(EmbedderHarness harness, byte[] head)
    {
        var file = HeadFile.Load(head, "head");
        await harness.Blobs.WriteAsync(file.Sha256, head, Token);
        var active = (await harness.Models.GetActiveAsync(Token))!;
        var modelId = await new ModelTransitions(harness.Database.DataSource).RegisterHeadAsync(
            active.ModelId, file.Sha256.ToArray(), TinyModels.EmbeddingDim, .9, "{}", null, Token);
        return (await harness.Models.FindAsync(modelId, Token))!;
    }

    private static Backfill BackfillOf(EmbedderHarness harness) => new(
        new BackfillStore(harness.Database.DataSource), harness.Blobs, harness.Database.DataSource,
        new OutboxDispatcher(DispatchProxy.Create<IBus, BrokenBus>(), harness.Database.DataSource, TimeProvider.System,
            NullLogger<OutboxDispatcher>.Instance).DispatchAsync,
        new RunMetrics(), Options.Create(new NightOptions { BackfillChunk = 8, BackfillThreads = 2 }), TimeProvider.System,
        NullLogger<Backfill>.Instance);
}
