using System.Security.Cryptography;
using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Images;

/// <summary>A live image whose update was fetched but not decoded yet.</summary>
public sealed class WaitingUpdateTests(TestDatabases databases)
{
    private static readonly Guid Image = ImageId.From("shop", "a");

    [Fact]
    public async Task Update_NotDecodedYet_LeavesTheContentAndItsGroup()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var older = ContentId.FromSha256(await harness.ShowAsync("a", 1));
        harness.Ingest.Published.Clear();
        await harness.SubmitAsync("a", 2);
        var status = await StatusAsync(harness);
        Assert.Equal((older, "matched", true), (status.ContentId, status.Status, status.UpdateWaits));
        Assert.Equal(["ContentStored"], harness.Ingest.Published.Select(m => m.Type));
    }

    [Fact]
    public async Task Update_Undecodable_IsShownAndTheOlderContentStays()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var older = ContentId.FromSha256(await harness.ShowAsync("a", 1));
        await harness.SubmitAsync("a", 2);
        IReadOnlyList<RejectedImage> rejected = [];
        var content = ContentId.FromSha256(SHA256.HashData(TestPictures.Gif(2)));
        await new ContentRejectionStore(harness.Database.DataSource).RejectAsync(
            [new ContentRejection(content, "undecodable", "broken")],
            images =>
            {
                rejected = images;
                return [];
            },
            default);
        var status = await StatusAsync(harness);
        Assert.Equal(
            (older, "matched", false, "undecodable", "broken"),
            (status.ContentId, status.Status, status.UpdateWaits, status.FailedReason, status.FailedDetail));
        Assert.Equal([Image], rejected.Select(i => i.ImageId));

        // The next good one clears it.
        await harness.ShowAsync("a", 3);
        status = await StatusAsync(harness);
        Assert.Equal((ContentId.FromSha256(SHA256.HashData(TestPictures.Gif(3))), null, false),
            (status.ContentId, status.FailedReason, status.UpdateWaits));
    }

    [Fact]
    public async Task Update_Decoded_ReplacesTheContent()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.ShowAsync("a", 1);
        var newer = ContentId.FromSha256(await harness.ShowAsync("a", 2, 0.9, 0.1));
        var status = await StatusAsync(harness);
        Assert.Equal((newer, "matched", false), (status.ContentId, status.Status, status.UpdateWaits));
    }

    [Fact]
    public async Task Update_OfARetractedImage_DoesNotBringItBack()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await harness.ShowAsync("a", 1);
        await harness.SubmitAsync("a", 2);
        await harness.Ingest.Intake.TakeAsync([SubmissionRule.ToRetraction("shop", "a", long.MaxValue)], default);
        await harness.EmbedAsync(2);
        Assert.Equal("retracted", (await StatusAsync(harness)).State);
    }

    private static async Task<ImageStatus> StatusAsync(ErasureHarness harness) =>
        (await new ImageStatusStore(harness.Database.DataSource).FindAsync(Image, default))!;
}
