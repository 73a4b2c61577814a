using CpfPipeline.Data.Erasures;
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
    [InlineData("in the purge", true)]
    [InlineData("after the request", false)]
    [InlineData("in the purge", false)]
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
            case "in the purge":
                await harness.DeliverAsync(sha256);
                await harness.Purge.MarkDeletedAsync(id, default);
                await Assert.ThrowsAsync<IOException>(() =>
                    harness.Purge.TryFinishAsync(id, (_, _) => throw new IOException("crash"), default));
                Assert.NotEmpty(await harness.TracesAsync(sha256));
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
