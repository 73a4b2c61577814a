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
    public async Task Run_Crash_LeavesAllAndIsDoneAgain()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        for (var i = 0; i < 3; i++)
        {
            await harness.ShowAsync($"{i}", i);
            await harness.RetractAsync($"{i}");
        }

        var contents = Enumerable.Range(0, 3)
            .Select(i => System.Security.Cryptography.SHA256.HashData(Ingest.Samples.TestPictures.Gif(i))).ToArray();
        await harness.DeliverAsync(contents);
        await harness.Unreferenced.ScanAsync(-1, 10, default);
        var deleted = 0;
        await Assert.ThrowsAsync<IOException>(() => harness.Unreferenced.CollectAsync(
            TimeSpan.Zero, 10, async (sha256, token) =>
            {
                await harness.Ingest.Blobs.DeleteAsync(sha256, token);
                if (++deleted == 2)
                {
                    throw new IOException("crash");
                }
            }, default));
        Assert.Equal(3L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.contents"));

        // A content whose bytes were lost in the crash comes back before the collection runs again.
        Assert.Null((await harness.SubmitAsync("again", 0)).Reason);
        Assert.Equal(2, await harness.NewCollection(TimeSpan.Zero).RunAsync(default));
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(contents[0], default));
    }
}
