using CpfPipeline.Data.Objects;
using CpfPipeline.Data.Probes;
using CpfPipeline.Tests.Integration.Fixtures.Objects;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Probes;

public sealed class BucketProbeStoreTests : ProbeStoreContract, IAsyncLifetime
{
    private FakeObjectStore _server = null!;
    private ObjectStore _objects = null!;

    private protected override IProbeStore Store => new BucketProbeStore(_objects);

    private protected override IEnumerable<string> Kept => _server.Bucket.Versions.Select(v => v.Key);

    [Fact]
    public async Task WriteAsync_EndedWhileItIsWritten_KeepsNothing()
    {
        var probe = Guid.NewGuid();
        await Store.BeginAsync(probe, Token);
        _server.Fault = (method, target) =>
        {
            if (method == "PUT" && target.EndsWith("answer.json", StringComparison.Ordinal))
            {
                _server.Bucket.Delete($"{_server.Prefix}probes/{probe:N}/begun");
            }

            return null;
        };

        Assert.False(await Store.WriteAsync(probe, ProbePart.Answer, new byte[] { 1 }, Token));

        Assert.Empty(Kept);
    }

    [Fact]
    public async Task DeleteOlderAsync_PartsWithoutABeginning_GoWithTheOld()
    {
        var key = $"{_server.Prefix}probes/{Guid.NewGuid():N}/answer.json";
        _server.Bucket.Put(key, [1], new Dictionary<string, string>());
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-10);

        Assert.Equal(0, await Store.DeleteOlderAsync(before, Token));
        _server.Bucket.Age(key, TimeSpan.FromHours(1));
        Assert.Equal(1, await Store.DeleteOlderAsync(before, Token));

        Assert.Empty(Kept);
    }

    public async ValueTask InitializeAsync()
    {
        _server = await FakeObjectStore.StartAsync();
        _objects = new ObjectStore(_server.Options(), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _objects.Dispose();
        await _server.DisposeAsync();
    }

    private protected override void Age(Guid probe, TimeSpan by) => _server.Bucket.Age(probe.ToString("N"), by);

    private protected override Func<bool> PutSomethingElse()
    {
        var key = _server.Prefix + "probes/somebody's object";
        _server.Bucket.Put(key, [1], new Dictionary<string, string>());
        return () => _server.Bucket.Find(key) is not null;
    }
}
