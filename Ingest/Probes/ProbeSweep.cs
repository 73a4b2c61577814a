using CpfPipeline.Data.Probes;

namespace CpfPipeline.Ingest.Probes;

/// <summary>Removes probes that a crash has left. Who waits for one deletes it after seconds.</summary>
internal sealed class ProbeSweep(IProbeStore probes, TimeProvider time)
{
    /// <summary>No probe is waited for as long as this.</summary>
    internal static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    /// <summary>Removes them.</summary>
    /// <returns>How many.</returns>
    public Task<int> RunAsync(CancellationToken cancellationToken) => probes.DeleteOlderAsync(time.GetUtcNow() - MaxAge, cancellationToken);
}
