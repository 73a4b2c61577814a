using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using CpfPipeline.Tests.Integration.Fixtures.Objects;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Blobs;

public class BucketBlobStoreTests : BlobStoreContract, IAsyncLifetime
{
    private protected FakeObjectStore Server { get; private set; } = null!;

    private protected ObjectStore Objects { get; private set; } = null!;

    private protected override IBlobStore Store => new BucketBlobStore(Objects);

    private protected override IReadOnlyList<string> Kept =>
        [.. Server.Bucket.Versions.Select(v => v.Key).Concat(Server.Bucket.Uploads.Select(u => u.Key))
            .Select(key => key[(key.LastIndexOf('/') + 1)..]).Order()];

    /// <summary>As the bucket is set before the first write.</summary>
    private protected virtual string? Versioning => null;

    [Fact]
    public async Task ListAsync_MoreThanAPage_GivesAll()
    {
        Server.PageSize = 2;
        var written = Enumerable.Range(0, 7).Select(i => (byte[])[Sha256[0], .. Enumerable.Repeat((byte)i, 31)]).ToList();
        foreach (var sha256 in written)
        {
            Server.Bucket.Put(Server.Prefix + BlobName.Of(sha256), Bytes, new Dictionary<string, string>());
            LeaveUnfinished(sha256);
        }

        var listed = await ListAsync();

        Assert.Equal(
            written.Select(Convert.ToHexStringLower), listed.Where(b => b.IsBlob).Select(b => Convert.ToHexStringLower(b.Sha256)).Order());
        Assert.Equal(7, listed.Count(b => !b.IsBlob));
    }

    [Fact]
    public async Task DeleteAsync_MoreThanAPageOfVersionsAndUploads_LeavesNothing()
    {
        Server.PageSize = 2;
        Server.Bucket.Versioning = "Enabled";
        for (var i = 0; i < 5; i++)
        {
            Damage(Sha256, [(byte)i]);
            LeaveUnfinished(Sha256);
        }

        Server.Bucket.Delete(Server.Prefix + BlobName.Of(Sha256));

        await Store.DeleteAsync(Sha256, default);

        Assert.Empty(Kept);
    }

    [Fact]
    public async Task DeleteAsync_VersionsTurnedOnWhileItRuns_LeavesNoVersion()
    {
        await Store.WriteAsync(Sha256, Bytes, default);
        await Store.DeleteAsync(Sha256, default); // It knows now how the bucket is set.
        Server.Bucket.Versioning = "Enabled";
        Damage(Sha256, "first"u8.ToArray());
        Damage(Sha256, Bytes);

        await Store.DeleteAsync(Sha256, default);

        Assert.Empty(Kept);
    }

    [Fact]
    public async Task DeleteAsync_VersionsThatWereTurnedOff_GoAsWell()
    {
        Server.Bucket.Versioning = "Enabled";
        Damage(Sha256, Bytes);
        Server.Bucket.Delete(Server.Prefix + BlobName.Of(Sha256));
        Server.Bucket.Versioning = "Suspended";
        Damage(Sha256, Bytes);

        await Store.DeleteAsync(Sha256, default);

        Assert.Empty(Kept);
    }

    public async ValueTask InitializeAsync()
    {
        Server = await FakeObjectStore.StartAsync();
        Server.Bucket.Versioning = Versioning;
        Objects = new ObjectStore(Server.Options(), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Objects.Dispose();
        await Server.DisposeAsync();
    }

    private protected override void Age(byte[] sha256, TimeSpan by) => Server.Bucket.Age(Convert.ToHexStringLower(sha256), by);

    private protected override void LeaveUnfinished(byte[] sha256) =>
        Server.Bucket.Begin(Server.Prefix + BlobName.Of(sha256), new Dictionary<string, string>());

    private protected override void Damage(byte[] sha256, byte[] bytes) =>
        Server.Bucket.Put(Server.Prefix + BlobName.Of(sha256), bytes, new Dictionary<string, string>());
}
