using System.Security.Cryptography;
using CpfPipeline.Data.Objects;
using CpfPipeline.Data.Outages;
using CpfPipeline.Tests.Integration.Fixtures.Objects;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Objects;

/// <summary>A store that is away, overloaded, full, or refuses; bodies that break off; large objects.</summary>
public sealed class ObjectStoreTests : IAsyncLifetime
{
    private const string Key = "ab/some";
    private static readonly byte[] Large = RandomNumberGenerator.GetBytes((2 * FakeObjectStore.PartBytes) + 1000);
    private FakeObjectStore _server = null!;
    private ObjectStore _store = null!;

    [Theory]
    [InlineData(503, "SlowDown")]
    [InlineData(500, "InternalError")]
    [InlineData(429, "")]
    public async Task AnyRequest_StoreThatIsOverloadedForAMoment_SucceedsInTheEnd(int status, string code)
    {
        foreach (var step in new Func<Task>[]
        {
            () => _store.WriteAsync(Key, new byte[] { 1 }, default), () => _store.HeadAsync(Key, default), () => ReadAsync(Key),
            () => _store.ListAllAsync("", default).CountAsync().AsTask(), () => _store.MoveAsync(Key, Key + "2", default),
            () => _store.DeleteAsync("", _ => true, DateTimeOffset.MaxValue, default),
        })
        {
            _server.Fail(1, new FakeFault { Status = status, Code = code });
            await step();
        }

        Assert.Empty(_server.Bucket.Versions);
    }

    [Theory]
    [InlineData(503, "SlowDown", ObjectStoreFault.Away, 2, "overloaded or broken (503 SlowDown)")]
    [InlineData(507, "XMinioStorageFull", ObjectStoreFault.Full, 1, "is full")]
    [InlineData(403, "AccessDenied", ObjectStoreFault.Refused, 1, "gives no right to do this (403 AccessDenied)")]
    [InlineData(403, "InvalidAccessKeyId", ObjectStoreFault.Refused, 1, "does not know these credentials")]
    [InlineData(403, "RequestTimeTooSkewed", ObjectStoreFault.Refused, 1, "clock")]
    [InlineData(404, "NoSuchBucket", ObjectStoreFault.Refused, 1, "does not exist")]
    [InlineData(301, "PermanentRedirect", ObjectStoreFault.Refused, 1, "Blobs:S3:Region")]
    [InlineData(418, "<b>", ObjectStoreFault.Request, 1, "does not take the request (418)")]
    [InlineData(403, "InvalidObjectState", ObjectStoreFault.Request, 1, "does not take the request (403 InvalidObjectState)")]
    public async Task AnyRequest_StoreThatStaysSo_IsAnOutageThatSaysWhy(
        int status, string code, ObjectStoreFault fault, int tries, string said)
    {
        using var store = new ObjectStore(_server.Options(attempts: 2), TimeProvider.System);
        _server.Fail(99, new FakeFault { Status = status, Code = code });

        var failed = await Assert.ThrowsAsync<ObjectStoreException>(() => store.WriteAsync(Key, new byte[] { 1 }, default));

        Assert.Equal((fault, tries), (failed.Fault, _server.Requests.Count));
        Assert.Contains(said, failed.Message, StringComparison.Ordinal);
        Assert.Contains(FakeObjectStore.BucketName, failed.Message, StringComparison.Ordinal);
        Assert.Equal((fault != ObjectStoreFault.Request, true), (Outage.IsCertain(failed), Outage.IsOne(failed)));
        AssertSilent(failed);
    }

    [Fact]
    public async Task AnyRequest_NobodyThere_IsAnOutage()
    {
        using var store = new ObjectStore(_server.Options(attempts: 2), TimeProvider.System);
        await _server.DisposeAsync();

        var failed = await Assert.ThrowsAsync<ObjectStoreException>(() => store.WriteAsync(Key, new byte[] { 1 }, default));

        Assert.Equal(ObjectStoreFault.Away, failed.Fault);
        Assert.Contains("cannot be reached", failed.Message, StringComparison.Ordinal);
        AssertSilent(failed);
    }

    [Fact]
    public async Task AnyRequest_NoAnswer_IsTriedAgainAfterTheTimeout()
    {
        var options = _server.Options();
        options.Timeout = TimeSpan.FromMilliseconds(300);
        using var store = new ObjectStore(options, TimeProvider.System);
        _server.Fail(1, new FakeFault { Hangs = true });

        await store.WriteAsync(Key, new byte[] { 1 }, default);

        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task AnyRequest_Cancelled_IsNotTriedAgain()
    {
        _server.Fail(1, new FakeFault { Hangs = true });
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.HeadAsync(Key, stop.Token));

        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task AnyRequest_WrongSecret_IsRefusedBySignature()
    {
        using var store = new ObjectStore(_server.Options(attempts: 2), TimeProvider.System);
        _server.KnownSecret = "another";

        var failed = await Assert.ThrowsAsync<ObjectStoreException>(() => store.WriteAsync(Key, new byte[] { 1 }, default));

        Assert.Contains("SignatureDoesNotMatch", failed.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Bucket.Versions);
        AssertSilent(failed);
    }

    [Fact]
    public async Task OpenAsync_BodyThatBreaksOff_GoesOnWhereItWas()
    {
        var (bytes, opened) = (Large[..300_000], new TaskCompletionSource());
        _server.Bucket.Put(_server.Prefix + Key, bytes, new Dictionary<string, string>());
        _server.Fail(1, new FakeFault { CutAfter = 100_000, CutOnce = opened.Task });
        await using var stream = await _store.OpenAsync(Key, default);
        var read = new byte[bytes.Length];
        await stream!.ReadExactlyAsync(read.AsMemory(0, 50_000));
        opened.SetResult();

        await stream.ReadExactlyAsync(read.AsMemory(50_000));

        Assert.Equal(bytes, read);
        Assert.Equal(0, await stream.ReadAsync(read));
        Assert.Equal(["", "bytes="], _server.Requests.Select(r => r.Range[..Math.Min(6, r.Range.Length)]));
    }

    [Fact]
    public async Task OpenAsync_DeletedWhileItIsRead_IsNoOutage()
    {
        _server.Bucket.Put(_server.Prefix + Key, Large, new Dictionary<string, string>());
        var deleted = new TaskCompletionSource();
        _server.Fail(1, new FakeFault { CutAfter = 10, CutOnce = deleted.Task });
        await using var stream = await _store.OpenAsync(Key, default);
        _server.Bucket.Delete(_server.Prefix + Key);
        deleted.SetResult();

        var gone = await Assert.ThrowsAsync<FileNotFoundException>(() => stream!.CopyToAsync(Stream.Null));

        Assert.False(Outage.IsCertain(gone));
    }

    [Fact]
    public async Task WriteAsync_Large_IsSentInPartsAndThereAtOnce()
    {
        _server.Fail(
            1, new FakeFault { Status = 503, Code = "SlowDown" }, (_, target) => target.Contains("partNumber=2", StringComparison.Ordinal));
        var seen = 0;
        var fault = _server.Fault;
        _server.Fault = (method, target) =>
        {
            seen += _server.Bucket.Keys.Count;
            return fault(method, target);
        };

        await _store.WriteAsync(Key, Large, default);

        Assert.Equal(0, seen);
        Assert.Equal(Large, await ReadAsync(Key));
        Assert.EndsWith("-3\"", _server.Bucket.Versions.Single().ETag, StringComparison.Ordinal);
        Assert.Empty(_server.Bucket.Uploads);
        Assert.Equal(Large.Length, (await _store.HeadAsync(Key, default))!.Bytes);
    }

    [Fact]
    public async Task WriteAsync_LargeThatFails_LeavesNoPart()
    {
        using var store = new ObjectStore(_server.Options(attempts: 2), TimeProvider.System);
        _server.Fail(99, new FakeFault { Status = 503 }, (_, target) => target.Contains("partNumber=3", StringComparison.Ordinal));

        await Assert.ThrowsAsync<ObjectStoreException>(() => store.WriteAsync(Key, Large, default));

        Assert.Empty(_server.Bucket.Versions);
        Assert.Empty(_server.Bucket.Uploads);
    }

    [Fact]
    public async Task WriteAsync_LargeWhoseLastAnswerIsLost_IsWritten()
    {
        _server.Fail(1, new FakeFault { LosesAnswer = true }, (method, target) =>
            method == "POST" && target.Contains("uploadId=", StringComparison.Ordinal));

        await _store.WriteAsync(Key, Large, default);

        Assert.Equal(Large, await ReadAsync(Key));
        Assert.Single(_server.Requests, r => r.Target.EndsWith("?uploads", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WriteAsync_LargeThatIsDeletedMeanwhile_IsSentAnew()
    {
        var deleted = false;
        _server.Fault = (_, target) =>
        {
            if (!deleted && target.Contains("partNumber=2", StringComparison.Ordinal))
            {
                deleted = _server.Bucket.Abort(_server.Bucket.Uploads.Single().UploadId);
            }

            return null;
        };

        await _store.WriteAsync(Key, Large, default);

        Assert.True(deleted);
        Assert.Equal(Large, await ReadAsync(Key));
        Assert.Empty(_server.Bucket.Uploads);
    }

    [Fact]
    public async Task Encryption_AsSet_IsAskedForWithEveryWrite()
    {
        var options = _server.Options();
        (options.Encryption, options.KmsKey) = ("aws:kms", "alias/pictures");
        using var store = new ObjectStore(options, TimeProvider.System);

        await store.WriteAsync("small", new byte[] { 1 }, default);
        await store.WriteAsync("large", Large, default);
        _server.Bucket.Age("small", TimeSpan.FromDays(1));
        Assert.True(await store.TryTouchAsync((await store.HeadAsync("small", default))!, default));

        Assert.Equal(2, _server.Bucket.Versions.Count);
        Assert.All(_server.Bucket.Versions, v => Assert.Equal(["aws:kms", "alias/pictures"], v.Headers.Values));
    }

    [Fact]
    public async Task TryTouchAsync_YoungOldAndAbsent_CopiesTheOldAlone()
    {
        await _store.WriteAsync(Key, new byte[] { 1 }, default);
        Assert.True(await _store.TryTouchAsync((await _store.HeadAsync(Key, default))!, default));
        Assert.Single(_server.Requests, r => r.Method == "PUT");

        _server.Bucket.Age(Key, TimeSpan.FromHours(1));
        var old = (await _store.HeadAsync(Key, default))!;
        Assert.True(await _store.TryTouchAsync(old, default));
        Assert.True(TimeProvider.System.GetUtcNow() - _server.Bucket.Versions.Single().WrittenAt < TimeSpan.FromMinutes(1));

        await _store.DeleteAsync(Key, key => key == Key, DateTimeOffset.MaxValue, default);
        Assert.Null(await _store.HeadAsync(Key, default));
        Assert.False(await _store.TryTouchAsync(old, default));
    }

    public async ValueTask InitializeAsync()
    {
        _server = await FakeObjectStore.StartAsync();
        _store = new ObjectStore(_server.Options(), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _server.DisposeAsync();
    }

    private static void AssertSilent(Exception failed)
    {
        Assert.Null(failed.InnerException);
        Assert.DoesNotContain(FakeObjectStore.Secret, failed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(FakeObjectStore.AccessKey, failed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, failed.ToString(), StringComparison.Ordinal);
    }

    private async Task<byte[]> ReadAsync(string key)
    {
        await using var stream = await _store.OpenAsync(key, default);
        var bytes = new MemoryStream();
        await stream!.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
