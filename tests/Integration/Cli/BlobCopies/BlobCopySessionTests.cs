using System.Security.Cryptography;
using CpfPipeline.Cli.BlobCopies;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Fixtures.Objects;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.BlobCopies;

public sealed class BlobCopySessionTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_FolderToBucketAndBack_BringsEveryBlobAndTakesAwayWhatWasErasedSince()
    {
        await using var server = await FakeObjectStore.StartAsync();
        using var objects = new ObjectStore(server.Options(), TimeProvider.System);
        var bucket = new BucketBlobStore(objects);
        await using var harness = await ErasureHarness.StartAsync(databases);
        var (kept, erased) = (await harness.ShowAsync("kept", 1), await harness.ShowAsync("erased", 2, 0, 1));
        var folder = harness.Ingest.Blobs;
        var session = new BlobCopySession(harness.Database.DataSource, folder, bucket, _ => { });

        var first = await session.RunAsync(Token);
        Assert.Equal((2, 0, 0, 0), (first.Copied, first.There, first.Removed, first.Damaged.Count));

        // Once more before the change: what came and went since.
        await harness.FinishAsync(await harness.RequestAsync(erased), erased);
        var added = await harness.ShowAsync("added", 3, 0, 1);
        var unclaimed = SHA256.HashData("of the bucket alone"u8);
        await bucket.WriteAsync(unclaimed, new byte[] { 1 }, Token);
        var second = await session.RunAsync(Token);
        Assert.Equal((1, 1, 2, 0), (second.Copied, second.There, second.Removed, second.Damaged.Count));
        Assert.Equal(
            new[] { kept, added }.Select(s => server.Prefix + BlobName.Of(s)).Order(StringComparer.Ordinal),
            server.Bucket.Versions.Select(v => v.Key).Order(StringComparer.Ordinal));

        var elsewhere = new FolderBlobStore(Path.Combine(harness.Ingest.Folder, "elsewhere"));
        var back = await new BlobCopySession(harness.Database.DataSource, bucket, elsewhere, _ => { }).RunAsync(Token);
        Assert.Equal(2, back.Copied);
        foreach (var sha256 in new[] { kept, added })
        {
            Assert.Equal(sha256, SHA256.HashData(await elsewhere.ReadAsync(sha256, Token)));
        }
    }

    [Fact]
    public async Task Run_DamagedBlobAndEmptySource_NamesTheOneAndTakesNothingAwayThatTheDatabaseHas()
    {
        await using var server = await FakeObjectStore.StartAsync();
        using var objects = new ObjectStore(server.Options(), TimeProvider.System);
        var bucket = new BucketBlobStore(objects);
        await using var harness = await ErasureHarness.StartAsync(databases);
        var (whole, damaged) = (await harness.ShowAsync("whole", 1), await harness.ShowAsync("damaged", 2, 0, 1));
        await File.WriteAllTextAsync(Path.Combine(harness.Ingest.Folder, "blobs", BlobName.Of(damaged)), "other bytes", Token);

        var outcome = await new BlobCopySession(harness.Database.DataSource, harness.Ingest.Blobs, bucket, _ => { }).RunAsync(Token);
        Assert.Equal(1, outcome.Copied);
        Assert.Equal([Convert.ToHexStringLower(damaged)], outcome.Damaged);

        var wrong = new FolderBlobStore(Path.Combine(harness.Ingest.Folder, "another"));
        var nothing = await new BlobCopySession(harness.Database.DataSource, wrong, bucket, _ => { }).RunAsync(Token);
        Assert.Equal(0, nothing.Removed);
        Assert.True(await bucket.ExistsAsync(whole, Token));
    }
}
