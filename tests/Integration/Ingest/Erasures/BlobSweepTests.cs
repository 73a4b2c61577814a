using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

public sealed class BlobSweepTests(TestDatabases databases)
{
    private static readonly TimeSpan After = TimeSpan.FromHours(1);

    [Fact]
    public async Task Run_BlobsWithoutARow_RemovesTheOldOnesAlone()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var content = await harness.ShowAsync("a", 1);
        var (backbone, head) = (new byte[32], Enumerable.Repeat((byte)1, 32).ToArray());
        var (old, young, unfinished) = (SHA256.HashData("old"u8), SHA256.HashData("young"u8), SHA256.HashData("unfinished"u8));
        foreach (var sha256 in new[] { backbone, head, old, young, unfinished })
        {
            await harness.Ingest.Blobs.WriteAsync(sha256, new byte[1], default);
        }

        File.Move(PathOf(harness, unfinished), PathOf(harness, unfinished) + ".0.tmp");
        await harness.RenderAsync(old);
        var orphan = SHA256.HashData("renditions whose blob is gone"u8);
        await harness.RenderAsync(orphan);
        Array.ForEach([content, backbone, head, old, unfinished, orphan], sha256 => Age(harness, sha256));

        Assert.Equal(3, await SweepAsync(harness));

        var renditions = Rendition.All.Select(r => $"{Convert.ToHexStringLower(content)}.{r}.webp");
        Assert.Equal(
            new[] { content, backbone, head, young }.Select(Convert.ToHexStringLower).Concat(renditions).Order(),
            Directory.EnumerateFiles(Path.Combine(harness.Ingest.Folder, "blobs"), "*", SearchOption.AllDirectories)
                .Select(Path.GetFileName).Order());
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.contents"));
    }

    [Fact]
    public async Task Sweep_SameBytesSubmittedDuringTheSweep_AreStored()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = SHA256.HashData(Ingest.Samples.TestPictures.Gif(1));
        await harness.Ingest.Blobs.WriteAsync(sha256, Ingest.Samples.TestPictures.Gif(1), default);
        Task<IntakeResult>? submission = null;

        await harness.Unreferenced.SweepAsync(
            [sha256],
            async (hash, token) =>
            {
                submission = harness.SubmitAsync("a", 1);
                await harness.WaitingAsync();
                await harness.Ingest.Blobs.DeleteAsync(hash, token);
            },
            default);

        Assert.Null((await submission!).Reason);
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
        Assert.Equal([("a", "stored")], await harness.Ingest.StatesAsync());
    }

    [Fact]
    public async Task Sweep_WhileTheSameBytesAreBeingStored_LeavesThem()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var prepared = await harness.Ingest.Intake.PrepareAsync([ErasureHarness.Entry("a", 1)], default);
        var sha256 = SHA256.HashData(Ingest.Samples.TestPictures.Gif(1));
        Age(harness, sha256);
        Task<long>? sweep = null;

        await harness.Ingest.Intake.ApplyAsync(
            prepared,
            async (_, _, _) =>
            {
                sweep = SweepAsync(harness);
                await harness.WaitingAsync();
            },
            default);

        Assert.Equal(0, await sweep!);
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(sha256, default));
    }

    [Fact]
    public async Task Sweep_BlobStoreIsSlow_HoldsUpOnlyTheFewThatAreBeingDeleted()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var orphans = Enumerable.Range(0, 2 * BlobDeletions.AtOnce).ToList();
        foreach (var picture in orphans)
        {
            await harness.Ingest.Blobs.WriteAsync(Sha256(picture), Ingest.Samples.TestPictures.Gif(picture), default);
        }

        // While the first are deleted, the last is submitted.
        var submission = new Lazy<Task<IntakeResult>>(() => harness.SubmitAsync("last", orphans[^1]));
        var removed = await harness.Unreferenced.SweepAsync(
            [.. orphans.Select(Sha256)],
            async (hash, token) =>
            {
                Assert.Null((await submission.Value).Reason);
                await harness.Ingest.Blobs.DeleteAsync(hash, token);
            },
            default);

        Assert.Equal(orphans.Count - 1, removed);
        Assert.True(await harness.Ingest.Blobs.ExistsAsync(Sha256(orphans[^1]), default));
        Assert.Equal([("last", "stored")], await harness.Ingest.StatesAsync());
    }

    private static byte[] Sha256(int picture) => SHA256.HashData(Ingest.Samples.TestPictures.Gif(picture));

    private static async Task<long> SweepAsync(ErasureHarness harness)
    {
        var sweep = new BlobSweep(
            harness.Unreferenced, harness.Ingest.Blobs, Options.Create(new IngestOptions { CollectAfter = After }), TimeProvider.System,
            new IngestMetrics());
        var removed = 0L;
        for (var i = 0; i < 256; i++)
        {
            removed += await sweep.RunAsync(default);
        }

        return removed;
    }

    private static void Age(ErasureHarness harness, byte[] sha256)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(PathOf(harness, sha256))!))
        {
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime - (2 * After));
        }
    }

    private static string PathOf(ErasureHarness harness, byte[] sha256)
    {
        var name = Convert.ToHexStringLower(sha256);
        return Path.Combine(harness.Ingest.Folder, "blobs", name[..2], name[2..4], name);
    }
}
