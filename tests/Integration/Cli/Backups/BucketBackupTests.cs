using System.Security.Cryptography;
using CpfPipeline.Cli.Backups;
using CpfPipeline.Cli.Verifications;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Fixtures.Objects;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Backups;

/// <summary>Backup, restore and verification of an installation whose blobs lie in a bucket.</summary>
public sealed class BucketBackupTests(TestDatabases databases) : IAsyncLifetime
{
    private FakeObjectStore _server = null!;
    private ObjectStore _objects = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restore_OfABucket_BringsBackEveryBlobIntoAnotherStore()
    {
        await using var world = await BackedUpWorld.StartAsync(databases, new BucketBlobStore(_objects));
        var (shown, erased) = (await world.Harness.ShowAsync("shown", 1), await world.Harness.ShowAsync("erased after", 2, 0, 1));
        var first = await world.Session().RunAsync(mayShrink: false, keep: 1, Token);
        Assert.Equal((4, 4, 0), (first.Manifest.Blobs, first.NewBlobs, first.Manifest.Missing));

        // A second one fetches nothing that is there. One that the store is away for leaves it as it was.
        var before = _server.Requests.Count;
        Assert.Equal(0, (await world.Session().RunAsync(mayShrink: false, keep: 1, Token)).NewBlobs);
        Assert.DoesNotContain(_server.Requests.Skip(before), r => r.Target.Contains("/cpf/", StringComparison.Ordinal));
        var manifest = await File.ReadAllTextAsync(world.Folder.Manifest, Token);
        await world.Harness.ShowAsync("added", 3, 0, 1);
        _server.Fault = (method, target) => method == "GET" && target.Contains("/cpf/", StringComparison.Ordinal)
            ? new FakeFault { Status = 503, Code = "SlowDown" } : null;
        await Assert.ThrowsAsync<ObjectStoreException>(() => world.Session().RunAsync(mayShrink: false, keep: 1, Token));
        _server.Fault = (_, _) => null;
        Assert.Equal(manifest, await File.ReadAllTextAsync(world.Folder.Manifest, Token));

        await world.EraseAsync(erased);
        await world.Session().CopyErasuresAsync(Token);
        var options = _server.Options();
        options.Prefix = "restored/";
        using var elsewhere = new ObjectStore(options, TimeProvider.System);
        var (database, target) = await world.NewTargetAsync(withKey: true);
        await using var restored = database;
        target = target with { Store = new BucketBlobStore(elsewhere) };
        var outcome = await new RestoreSession(target, world.Folder, (_, _) => { }).RunAsync(
            RestoreSession.Open(world.Folder), null, leaveOutDamaged: false, Token);

        Assert.Equal((3, 1), (outcome.Blobs, outcome.Erased));
        Assert.Equal(shown, SHA256.HashData(await target.Store.ReadAsync(shown, Token)));
        Assert.Equal(3, _server.Bucket.Keys.Count(k => k.StartsWith("restored/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Verify_OfABucket_FindsAndRepairsWhatIsWrongInIt()
    {
        await using var world = await BackedUpWorld.StartAsync(databases, new BucketBlobStore(_objects));
        var (missing, damaged) = (await world.Harness.ShowAsync("image 1", 1), await world.Harness.ShowAsync("image 2", 2, 0, 1));
        var whole = await world.Harness.ShowAsync("image 3", 3, -1, 0);
        await world.Harness.Database.ExecuteAsync("update cpf.group_members set reconciled = true");
        var orphan = SHA256.HashData("orphan"u8);
        _server.Bucket.Versioning = "Enabled";
        _server.Bucket.Versions.Where(v => v.Key.Contains(Convert.ToHexStringLower(missing), StringComparison.Ordinal)
            && !v.Key.EndsWith(".webp", StringComparison.Ordinal)).ToList().ForEach(v => _server.Bucket.Delete(v.Key, v.VersionId));
        Put(BlobName.Of(damaged), "other bytes"u8.ToArray());
        Put(BlobName.Of(orphan), "orphan"u8.ToArray());
        _server.Bucket.Begin(_server.Prefix + BlobName.Of(whole), new Dictionary<string, string>());
        _server.Bucket.Age("", TimeSpan.FromDays(2));

        var found = await RunAsync(world, repair: false);
        Assert.Equal(
            new[]
            {
                (FaultKind.BlobMissing, 1L), (FaultKind.BlobDamaged, 1), (FaultKind.BlobOrphaned, 1), (FaultKind.Leftover, 2),
                (FaultKind.RenditionDamaged, 9),
            }.Order(),
            found.Kinds.Select(f => (f.Key, f.Value.Count)).Order());

        await RunAsync(world, repair: true);
        Assert.Equal(
            new[] { BlobName.Of(damaged) + ".damaged", BlobName.Of(whole) }.Select(n => _server.Prefix + n).Order(StringComparer.Ordinal),
            _server.Bucket.Versions.Select(v => v.Key).Where(IsOfAPicture).Order(StringComparer.Ordinal));
        Assert.Empty(_server.Bucket.Uploads);
        Assert.Equal(2L, await world.Harness.Database.ScalarAsync<long>("select count(*) from cpf.outbox where type = 'SubmitImage'"));

        bool IsOfAPicture(string key) => new[] { missing, damaged, whole, orphan }.Any(
            s => key.Contains(Convert.ToHexStringLower(s), StringComparison.Ordinal));
    }

    public async ValueTask InitializeAsync()
    {
        _server = await FakeObjectStore.StartAsync();
        _objects = new ObjectStore(_server.Options(attempts: 2), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _objects.Dispose();
        await _server.DisposeAsync();
    }

    private static async Task<Faults> RunAsync(BackedUpWorld world, bool repair)
    {
        var request = new VerifyRequest { Key = world.Harness.Ingest.Key, Repair = repair, Grace = TimeSpan.Zero };
        var session = new VerifySession(world.Harness.Database.DataSource, world.Source.Store, request, TimeProvider.System, (_, _) => { });
        return (await session.RunAsync(Token)).Faults;
    }

    private void Put(string name, byte[] bytes) => _server.Bucket.Put(_server.Prefix + name, bytes, new Dictionary<string, string>());
}
