using CpfPipeline.Hosting.Health;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Shows in <c>/health</c> whether this instance has the key of the database's tombstones. An instance with another key is not ready.
/// </summary>
internal sealed class TombstoneKeyDetail(TombstoneStore tombstones) : IHealthDetail
{
    /// <inheritdoc/>
    public string Name => "tombstone_key";

    /// <inheritdoc/>
    public async ValueTask<object?> GetAsync(CancellationToken cancellationToken) =>
        await tombstones.VerifyKeyAsync(cancellationToken) ? "is the one in use" : "not in use yet";
}
