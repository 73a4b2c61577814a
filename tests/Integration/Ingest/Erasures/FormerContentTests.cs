using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

/// <summary>The former contents of an erased image are erased with it, unless another image shows them now.</summary>
public sealed class FormerContentTests(TestDatabases databases)
{
    [Fact]
    public async Task Image_UpdatedBefore_TakesItsFormerContentAlong()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var former = await harness.ShowAsync("a", 1);
        var current = await harness.ShowAsync("a", 2, 0.9, 0.1);
        var outcome = await harness.RequestAsync("a");
        await harness.DeliverAsync(former, current);
        Assert.False(await harness.AdvanceAsync(outcome!.Erasure.ErasureId)); // The receipt is complete when all is gone.

        var receipt = await harness.FinishAsync(outcome, former, current);

        Assert.Equal(ErasureState.Finished, receipt.State);
        Assert.Empty(await harness.TracesAsync(former));
        Assert.Empty(await harness.TracesAsync(current));
        await harness.AssertHistoryAsync();
        Assert.Equal(
            [[receipt.Tombstone, 1L], [receipt.Tombstone, 1L]],
            await harness.Database.QueryAsync(
                "select tombstone, (counts->>'contents')::bigint from cpf.erasures where state = 'finished'"));
        Assert.Null((await harness.SubmitAsync("elsewhere", 1)).Reason);
    }

    [Fact]
    public async Task Image_FormerContentShownByAnother_LeavesIt()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var former = await harness.ShowAsync("a", 1);
        await harness.SubmitAsync("b", 1);
        var current = await harness.ShowAsync("a", 2, 0.9, 0.1);

        await harness.FinishAsync(await harness.RequestAsync("a"), current);

        Assert.Empty(await harness.TracesAsync(current));
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(former, default));
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.erasures"));
    }

    [Fact]
    public async Task Image_FormerContentShownByAnotherBeforeThePurge_LeavesIt()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var former = await harness.ShowAsync("a", 1);
        var current = await harness.ShowAsync("a", 2, 0.9, 0.1);
        var outcome = await harness.RequestAsync("a");
        await harness.SubmitAsync("late", 1);

        await harness.FinishAsync(outcome, former, current);

        Assert.Empty(await harness.TracesAsync(current));
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(former, default));
        Assert.Equal([("late", "stored")], await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Image_ItsContentTurnedOutUndecodable_TakesItAlong()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.SubmitAsync("a", 1);
        var sha256 = System.Security.Cryptography.SHA256.HashData(Ingest.Samples.TestPictures.Gif(1));
        await new ContentRejectionStore(harness.Database.DataSource).RejectAsync(
            [new ContentRejection(ContentId.FromSha256(sha256), "undecodable", "broken")], _ => [], default);
        Assert.Equal([("a", "rejected")], await harness.Ingest.StatesAsync());

        var receipt = await harness.FinishAsync(await harness.RequestAsync("a"), sha256);

        Assert.Equal(ErasureState.Finished, receipt.State);
        Assert.Empty(await harness.TracesAsync(sha256));
    }
}
