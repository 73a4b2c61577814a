using System.Security.Cryptography;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

/// <summary>Bytes that were stored before it was known that they were erased, or that no image will refer to them.</summary>
public sealed class LateSubmissionTests(TestDatabases databases)
{
    private static readonly byte[] Second = SHA256.HashData(Ingest.Samples.TestPictures.Gif(2));

    [Fact]
    public async Task Apply_NewBytesOfAnErasedImage_LeavesNeitherRowNorBytes()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var prepared = await PreparedForErasedImageAsync(harness);
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(Second, default));

        Assert.Equal("erased", (await harness.Ingest.Intake.ApplyAsync(prepared, null, default))[0].Reason);

        Assert.Empty(await harness.TracesAsync(Second));
    }

    [Fact]
    public async Task Apply_SameBytesOfAnotherImageAtTheSameTime_AreStored()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var prepared = await PreparedForErasedImageAsync(harness);
        Task<IntakeResult>? other = null;

        await harness.Ingest.Intake.ApplyAsync(
            prepared,
            async (_, _, _) =>
            {
                await harness.Ingest.Blobs.WriteAsync(Second, Ingest.Samples.TestPictures.Gif(2), default);
                other = harness.SubmitAsync("other", 2);
                await harness.WaitingAsync();
                await harness.Ingest.Blobs.DeleteAsync(Second, default); // As if the other had looked for them before they went.
            },
            default);

        Assert.Null((await other!).Reason);
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(Second, default));
        Assert.Equal([("other", "stored")], await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Apply_ErasedContent_RemovesItsBytesBeforeItCommits()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        var prepared = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("b", 1)], default);
        await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);
        await harness.Ingest.Blobs.WriteAsync(sha256, new byte[] { 1 }, default);

        // A crash after the commit would leave them for good.
        await harness.Ingest.Intake.ApplyAsync(prepared, async (_, _, token) =>
            Assert.False(await harness.Ingest.Blobs.ExistsAsync(sha256, token)), default);
    }

    [Fact]
    public async Task Apply_ErasedAndOtherImageInOneBatch_KeepsTheBytes()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var erased = await PreparedForErasedImageAsync(harness);
        var other = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("other", 2)], default);

        await harness.Ingest.Intake.ApplyAsync(
            new PreparedBatch(
                [.. erased.Entries, .. other.Entries], [.. erased.Wanted, .. other.Wanted], [.. erased.NotYet, .. other.NotYet]),
            null, default);

        Assert.True(await harness.Ingest.Blobs.ExistsAsync(Second, default));
        Assert.Equal([("other", "stored")], await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Apply_ErasedImageWhoseHostDidNotAnswer_IsRefusedAndNotParked()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var entry = ErasureHarness.Entry("a", 2, revision: long.MaxValue);
        var sha256 = await harness.ShowAsync("a", 1);
        var prepared = new PreparedBatch(
            [entry], [entry.ToChange(ImageState.Received)], [FetchOutcome.Fail(RejectReasons.FetchFailed, "x")]);
        await harness.FinishAsync(await harness.RequestAsync("a"), sha256);
        var feeds = harness.Ingest.Feeds;
        var feedId = await feeds.AddAsync(new("s", "/x", "csv", null, false, 1), default);
        await feeds.StartAsync(feedId, default);
        var batch = new FeedBatch((await feeds.FindAsync(feedId, default))!, 0);
        batch.Add(1, new Submission { Source = entry.Source, ExternalId = "a", Uri = entry.Uri }, null, 1);

        Assert.Equal("erased", (await harness.Ingest.Intake.ApplyAsync(prepared, ImageIntake.ParkAsync, default))[0].Reason);
        await harness.Ingest.Intake.ApplyAsync(prepared, batch.AdvanceAsync, default);

        Assert.Equal(0L, await harness.Ingest.Database.ScalarAsync<long>("select count(*) from cpf.fetches"));
        var feed = (await feeds.FindAsync(feedId, default))!;
        Assert.Equal((1L, 1L, 0L, 0L), (feed.RowsRead, feed.Rejected, feed.Unchanged, feed.Stored));
    }

    private static async Task<PreparedBatch> PreparedForErasedImageAsync(ErasureHarness harness)
    {
        var sha256 = await harness.ShowAsync("a", 1);
        var prepared = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("a", 2, revision: long.MaxValue)], default);
        await harness.FinishAsync(await harness.RequestAsync("a"), sha256);
        return prepared;
    }
}
