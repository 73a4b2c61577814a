using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Erasures;

/// <summary>Has Ingest erase.</summary>
internal sealed class ErasureClient(ServiceClient ingest)
{
    /// <summary>Asks for an image or a content to be erased.</summary>
    /// <exception cref="CommandException">Ingest does not answer (3), or knows no such thing (2).</exception>
    public Task<ErasureAnswer> EraseAsync(ErasureBody erasure, CancellationToken cancellationToken) =>
        ingest.PostAsync<ErasureAnswer>("/erasures", erasure, cancellationToken);

    /// <summary>How far an erasure is.</summary>
    /// <exception cref="CommandException">Ingest does not answer.</exception>
    public Task<ErasureAnswer> FindAsync(long erasureId, CancellationToken cancellationToken) =>
        ingest.GetAsync<ErasureAnswer>($"/erasures/{erasureId}", cancellationToken);
}
