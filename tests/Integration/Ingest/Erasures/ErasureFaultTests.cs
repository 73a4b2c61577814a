using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Locks;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

/// <summary>Erasures that are interrupted, and an intake with another key.</summary>
public sealed class ErasureFaultTests(TestDatabases databases)
{
    [Theory]
    [InlineData("after the request", true)]
    [InlineData("after the bytes", true)]
    [InlineData("after the mark", true)]
    [InlineData("before the last bytes", true)]
    [InlineData("after the last bytes", true)]
    [InlineData("after the request", false)]
    [InlineData("before the last bytes", false)]
    [InlineData("after the last bytes", false)]
    public async Task Crash_BetweenSteps_EndsTheSame(string when, bool content)
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        await harness.ShowAsync("neighbour", 2, 0.9, 0.1);
        var outcome = content ? await harness.RequestAsync(sha256) : await harness.RequestAsync("a");
        var id = outcome!.Erasure.ErasureId;
        switch (when)
        {
            case "after the bytes":
                await harness.Ingest.Blobs.DeleteAsync(sha256, default);
                break;
            case "after the mark":
                Assert.False(await harness.AdvanceAsync(id));
                Assert.Equal(ErasureState.Deleted, (await harness.Erasures.FindAsync(id, default))!.State);
                break;
            case "before the last bytes":
            case "after the last bytes":
                await harness.DeliverAsync(sha256);
                await harness.Purge.MarkDeletedAsync(id, default);
                await Assert.ThrowsAsync<IOException>(() => harness.Purge.TryFinishAsync(id, async (hash, token) =>
                {
                    await (when.StartsWith("after", StringComparison.Ordinal)
                        ? harness.Ingest.Blobs.DeleteAsync(hash, token) : Task.CompletedTask);
                    throw new IOException("crash");
                }, default));
                Assert.Equal(ErasureState.Purged, (await harness.Erasures.FindAsync(id, default))!.State);
                Assert.Equal(harness.Files(sha256).Order(), (await harness.TracesAsync(sha256)).Order());
                break;
        }

        var receipt = await harness.FinishAsync(outcome, sha256);

        Assert.Empty(await harness.TracesAsync(sha256));
        await harness.AssertHistoryAsync();
        Assert.Equal(
            (1L, 1L, 1L, 1L, 1L),
            (receipt.Counts["images"], receipt.Counts["contents"], receipt.Counts["features"], receipt.Counts["embeddings"],
                receipt.Counts["matches"]));
        Assert.Equal(ErasureReceipt.Hash(receipt), receipt.RecordHash);
        Assert.Equal([("neighbour", "stored")], await harness.Ingest.StatesAsync());
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.erasures where sha256 is not null"));
    }

    [Fact]
    public async Task Finish_BlobStoreDoesNotAnswer_HoldsUpNeitherGroupsNorOtherErasures()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        var id = (await harness.RequestAsync("a"))!.Erasure.ErasureId;
        await harness.DeliverAsync(sha256);

        Assert.True(await harness.Purge.TryFinishAsync(id, async (hash, token) =>
        {
            await harness.Database.ExecuteAsync(
                "do 'begin lock table cpf.lock_groups, cpf.lock_models, cpf.lock_matches in exclusive mode nowait; end'");
            Assert.False(await harness.AdvanceAsync(id)); // Another instance leaves it to this one.
            await harness.ShowAsync("other", 2);
            await harness.Ingest.Blobs.DeleteAsync(hash, token);
        }, default));

        Assert.Equal(ErasureState.Finished, (await harness.Erasures.FindAsync(id, default))!.State);
        Assert.Empty(await harness.TracesAsync(sha256));
    }

    [Fact]
    public async Task Finish_ImageShowsTheBytesAgainSinceTheRowsWent_LeavesThem()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        var id = (await harness.RequestAsync("a"))!.Erasure.ErasureId;
        await harness.DeliverAsync(sha256);
        await Assert.ThrowsAsync<IOException>(() => harness.Purge.TryFinishAsync(id, (_, _) => throw new IOException("away"), default));

        await harness.ShowAsync("b", 1);
        await using (var matcher = await harness.Database.DataSource.OpenConnectionAsync())
        await using (await matcher.BeginTransactionAsync())
        {
            // Tried again and again while the blob store is away: the groups have nothing to do with it any more.
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await TransactionLocks.TakeGroupsAsync(matcher, default);
            Assert.True(await harness.Purge.TryFinishAsync(id, (sha, token) => harness.Ingest.Blobs.DeleteAsync(sha, token), limit.Token));
        }

        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
        Assert.Equal([("b", "stored")], await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Intake_AnotherKey_RefusesToWork()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.SubmitAsync("a", 1);
        await harness.RequestAsync("a");
        var other = new TombstoneKey([.. Enumerable.Repeat((byte)9, 32)]);

        var e = await Assert.ThrowsAsync<TombstoneKeyException>(() => new ImageStore(harness.Database.DataSource, other).ApplyAsync(
            [ErasureHarness.Entry("b", 2).ToChange(ImageState.Received)], _ => [], null, default));

        Assert.Contains("TombstoneKeyFile", e.Message, StringComparison.Ordinal);
    }
}
