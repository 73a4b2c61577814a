using CpfPipeline.Data.Objects;
using CpfPipeline.Hosting.Health;

namespace CpfPipeline.Hosting.Storage;

/// <summary>
/// Whether the bucket answers. It is asked every ten seconds at most, however often health is: a store takes money for requests.
/// </summary>
internal sealed class BucketHealth(ObjectStore store, TimeProvider time) : IHealthDetail
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Task? _asked;
    private long _at;

    public string Name => "blobs";

    public async ValueTask<object?> GetAsync(CancellationToken cancellationToken)
    {
        await Ask().WaitAsync(cancellationToken);
        return new { bucket = store.Options.Bucket, prefix = store.Options.Prefix };
    }

    private Task Ask()
    {
        lock (_gate)
        {
            if (_asked is null || (_asked.IsCompleted && time.GetElapsedTime(_at) >= Kept))
            {
                // Not of one request: others wait for it, too. Its tries have time limits of their own.
                (_asked, _at) = (store.ProbeAsync(CancellationToken.None), time.GetTimestamp());
            }

            return _asked;
        }
    }
}
