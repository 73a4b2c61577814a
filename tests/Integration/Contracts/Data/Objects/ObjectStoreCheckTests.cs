using CpfPipeline.Data.Objects;
using CpfPipeline.Tests.Integration.Fixtures.Objects;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Objects;

public sealed class ObjectStoreCheckTests : IAsyncLifetime
{
    private FakeObjectStore _server = null!;
    private ObjectStore _store = null!;

    [Theory]
    [InlineData(null)]
    [InlineData("Enabled")]
    [InlineData("Suspended")]
    public async Task RunAsync_AllRights_LeavesNothing(string? versioning)
    {
        _server.Bucket.Versioning = versioning;

        await ObjectStoreCheck.RunAsync(_store, mayErase: true, default);

        Assert.Empty(_server.Bucket.Versions);
    }

    [Fact]
    public async Task RunAsync_WhoOnlyReads_WritesNothing()
    {
        await ObjectStoreCheck.RunAsync(_store, mayErase: false, default);

        Assert.All(_server.Requests, r => Assert.Equal("GET", r.Method));
    }

    [Theory]
    [InlineData("GET", "list-type=2", "s3:ListBucket")]
    [InlineData("GET", "?versioning", "s3:GetBucketVersioning")]
    [InlineData("PUT", "check/", "s3:PutObject")]
    [InlineData("HEAD", "check/", "s3:GetObject")]
    [InlineData("GET", "?versions", "s3:ListBucketVersions")]
    [InlineData("DELETE", "versionId=", "s3:DeleteObjectVersion")]
    public async Task RunAsync_VersionedBucketWithoutARight_NamesIt(string method, string target, string right)
    {
        _server.Bucket.Versioning = "Enabled";
        _server.Fail(99, new FakeFault { Status = 403, Code = "AccessDenied" }, (m, t) =>
            m == method && t.Contains(target, StringComparison.Ordinal));

        var refused = await Assert.ThrowsAsync<ObjectStoreException>(() => ObjectStoreCheck.RunAsync(_store, mayErase: true, default));

        Assert.Contains(right, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task RunAsync_BucketThatKeepsWhatIsDeleted_IsRefused()
    {
        _server.Fault = (method, _) => method == "DELETE" ? new FakeFault { Status = 204 } : null;

        var refused = await Assert.ThrowsAsync<ObjectStoreException>(() => ObjectStoreCheck.RunAsync(_store, mayErase: true, default));

        Assert.Contains("erasure could not be promised", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_StoreThatKnowsNoVersions_IsTaken()
    {
        _server.Fault = (_, target) => target.EndsWith("?versioning", StringComparison.Ordinal)
            ? new FakeFault { Status = 501, Code = "NotImplemented" } : null;

        await ObjectStoreCheck.RunAsync(_store, mayErase: true, default);

        Assert.Empty(_server.Bucket.Versions);
    }

    public async ValueTask InitializeAsync()
    {
        _server = await FakeObjectStore.StartAsync();
        _store = new ObjectStore(_server.Options(attempts: 2), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _server.DisposeAsync();
    }
}
