namespace CpfPipeline.Data.Probes;

/// <summary>
/// Probes while somebody waits for them. Who waits begins one and deletes it at the end, answered or not; what is written to it after that
/// is not kept. So nothing of a probe outlives the wait, but for a crash: that is what the sweep by age is for.
/// </summary>
public interface IProbeStore
{
    /// <summary>Begins a probe.</summary>
    /// <param name="probeId">A new id.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task BeginAsync(Guid probeId, CancellationToken cancellationToken);

    /// <summary>Takes the bytes of a probe as they come.</summary>
    /// <param name="probeId">A probe that was begun.</param>
    /// <param name="bytes">They are read to their end, or until they are too many.</param>
    /// <param name="maxBytes">So many at most.</param>
    /// <param name="cancellationToken">Cancels; the bytes are not kept then.</param>
    /// <returns>How many there were; null when they are more, and nothing is kept.</returns>
    Task<long?> ReceiveAsync(Guid probeId, Stream bytes, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Whether somebody waits for a probe.</summary>
    Task<bool> IsWaitedForAsync(Guid probeId, CancellationToken cancellationToken);

    /// <summary>A part of a probe.</summary>
    /// <returns>Null when it is not there (yet, or any more).</returns>
    Task<byte[]?> ReadAsync(Guid probeId, ProbePart part, CancellationToken cancellationToken);

    /// <summary>Whether a part of a probe is there.</summary>
    Task<bool> ExistsAsync(Guid probeId, ProbePart part, CancellationToken cancellationToken);

    /// <summary>Writes a part of a probe, visible as a whole or not at all.</summary>
    /// <returns>False when nobody waits for the probe any more; nothing is kept then.</returns>
    Task<bool> WriteAsync(Guid probeId, ProbePart part, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Deletes a probe with all its parts; does nothing when there is none.</summary>
    Task DeleteAsync(Guid probeId, CancellationToken cancellationToken);

    /// <summary>Deletes the probes that began before a given time.</summary>
    /// <returns>How many.</returns>
    Task<int> DeleteOlderAsync(DateTimeOffset begunBefore, CancellationToken cancellationToken);
}
