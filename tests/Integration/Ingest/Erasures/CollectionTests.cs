using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

public sealed class CollectionTests(TestDatabases databases)
{
    [Fact]
    public async Task Run_UnreferencedForLongEnough_RemovesRowsAndBytesAndKeepsTheHistory()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var gone = await harness.ShowAsync("gone", 1);
        var stays = await harness.ShowAsync("stays", 2, 0.9, 0.1);
        await harness.RetractAsync("gone");
        await harness.DeliverAsync(gone);
        var collection = harness.NewCollection(TimeSpan.FromHours(1));
        Assert.Equal(0, await collection.RunAsync(default));
        await harness.Database.ExecuteAsync("update cpf.unreferenced_contents set since = since - interval '2 hours'");

        Assert.Equal(1, await collection.RunAsync(default));

        Assert.All(await harness.TracesAsync(gone), trace => Assert.StartsWith("group_events", trace, StringComparison.Ordinal));
        await harness.AssertHistoryAsync();
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(stays, default));
        Assert.Equal([("gone", "retracted"), ("stays", "stored")], await harness.Ingest.StatesAsync());
        Assert.Null((await harness.SubmitAsync("gone", 1)).Reason); // No tombstone.
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(gone, default));
    }

    [Fact]
    public async Task Run_ReferredToAgain_LosesItsMark()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        await harness.RetractAsync("a");
        await harness.DeliverAsync(sha256);
        var collection = harness.NewCollection(TimeSpan.FromHours(1));
        await collection.RunAsync(default);
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.unreferenced_contents"));
        await harness.SubmitAsync("b", 1);

        Assert.Equal(0, await harness.NewCollection(TimeSpan.Zero).RunAsync(default));

        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.unreferenced_contents"));
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
    }

    [Fact]
    public async Task Run_UsedAgainBetweenTwoLooks_WaitsTheWholeTimeAgain()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        await harness.RetractAsync("a");
        await harness.DeliverAsync(sha256);
        var collection = harness.NewCollection(TimeSpan.FromHours(1));
        await collection.RunAsync(default);
        await harness.Database.ExecuteAsync("update cpf.unreferenced_contents set since = since - interval '2 hours'");
        await harness.SubmitAsync("b", 1);
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.unreferenced_contents"));
        await harness.Ingest.Intake.TakeAsync(
            [new CpfPipeline.Ingest.Submissions.ImageEntry { Source = "shop", ExternalId = "b", Retract = true, Revision = long.MaxValue }],
            default);
        await harness.DeliverAsync(sha256);

        Assert.Equal(0, await collection.RunAsync(default));

        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
        await harness.Database.ExecuteAsync("update cpf.unreferenced_contents set since = since - interval '2 hours'");
        Assert.Equal(1, await collection.RunAsync(default));
    }

    [Fact]
    public async Task Scan_WhileAnImageIsBeingLinked_MarksNothing()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.ShowAsync("a", 1);
        await harness.RetractAsync("a");
        var prepared = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("b", 1)], default);

        await harness.Ingest.Intake.ApplyAsync(prepared, async (_, _, token) =>
            await harness.Unreferenced.ScanAsync(-1, 100, token), default);

        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.unreferenced_contents"));
    }

    [Fact]
    public async Task Run_MatcherStillHasIt_WaitsForTheMatcher()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        await harness.RetractAsync("a");
        Assert.Equal(0, await harness.NewCollection(TimeSpan.Zero).RunAsync(default));
        await harness.DeliverAsync(sha256);
        Assert.Equal(1, await harness.NewCollection(TimeSpan.Zero).RunAsync(default));
    }

    [Fact]
    public async Task Collect_BlobStoreIsSlow_HoldsUpOnlyTheFewThatAreBeingDeleted()
    {
        await using var harness = await RetractedAsync(databases, 2 * BlobDeletions.AtOnce);
        var submission = new Lazy<Task>(async () =>
        {
            // One of those whose turn has not come.
            var other = Enumerable.Range(0, 2 * BlobDeletions.AtOnce).OrderByDescending(i => ContentId.FromSha256(Sha256(i))).First();
            Assert.Null((await harness.SubmitAsync("again", other)).Reason);
        });

        var counts = await harness.Unreferenced.CollectAsync(
            TimeSpan.Zero, 100, async (hash, token) =>
            {
                await submission.Value;
                await harness.Ingest.Blobs.DeleteAsync(hash, token);
            }, default);

        Assert.Equal(2L * BlobDeletions.AtOnce, counts["contents"]);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(harness.Ingest.Folder, "blobs"), "*", SearchOption.AllDirectories));
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.contents"));
    }

    [Fact]
    public async Task Run_Crash_LeavesNoRowWithoutBytes()
    {
        await using var harness = await RetractedAsync(databases, 3);
        var deleted = 0;
        await Assert.ThrowsAsync<IOException>(() => harness.Unreferenced.CollectAsync(
            TimeSpan.Zero, 10, async (sha256, token) =>
            {
                await harness.Ingest.Blobs.DeleteAsync(sha256, token);
                if (Interlocked.Increment(ref deleted) == 2)
                {
                    throw new IOException("crash");
                }
            }, default));
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.contents"));

        // One comes back, and the sweep finds what is left of the others.
        Assert.Null((await harness.SubmitAsync("again", 0)).Reason);
        await harness.Unreferenced.SweepAsync(
            [.. Enumerable.Range(0, 3).Select(Sha256)], (sha256, token) => harness.Ingest.Blobs.DeleteAsync(sha256, token), default);
        Assert.Equal(
            [Convert.ToHexStringLower(Sha256(0))],
            Directory.EnumerateFiles(Path.Combine(harness.Ingest.Folder, "blobs"), "*", SearchOption.AllDirectories)
                .Select(Path.GetFileName));
    }

    private static byte[] Sha256(int picture) => SHA256.HashData(Ingest.Samples.TestPictures.Gif(picture));

    private static async Task<ErasureHarness> RetractedAsync(TestDatabases databases, int pictures)
    {
        var harness = await ErasureHarness.StartAsync(databases);
        for (var i = 0; i < pictures; i++)
        {
            await harness.SubmitAsync($"{i}", i);
            await harness.RetractAsync($"{i}");
        }

        await harness.DeliverAsync([.. Enumerable.Range(0, pictures).Select(Sha256)]);
        await harness.Unreferenced.ScanAsync(-1, 100, default);
        return harness;
    }
}
