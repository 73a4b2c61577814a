using System.Runtime.ExceptionServices;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Continues the erasures that are not finished, and records those that are: whoever asked may not have been told, and the process may have
/// died, between the transaction that finished one at once and its record.
/// </summary>
internal sealed class ErasureTurn(ErasureStore store, ErasureWork work, ErasureRecording recording, ILogger<ErasureTurn> logger)
{
    private const int Limit = 1_000;

    /// <summary>Gives each of them its turn.</summary>
    /// <exception cref="Exception">What went wrong with the first of those that failed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (var erasure in await store.ListUnfinishedAsync(Limit, cancellationToken))
        {
            var failed = await TryAsync(erasure, ContinueAsync, cancellationToken);
            failure ??= failed;
        }

        foreach (var erasure in await store.ListUnrecordedAsync(Limit, cancellationToken))
        {
            var failed = await TryAsync(erasure, RecordAsync, cancellationToken);
            failure ??= failed;
        }

        failure?.Throw();
    }

    // A failing erasure must not block the others. The loop tells what went wrong when they have had their turn.
    private async Task<ExceptionDispatchInfo?> TryAsync(
        Erasure erasure, Func<Erasure, CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step(erasure, cancellationToken);
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ErasurePostponed(logger, erasure.ErasureId, e.Message);
            return ExceptionDispatchInfo.Capture(e);
        }
    }

    private async Task ContinueAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        if (!recording.Has(erasure.Tombstone))
        {
            await KeepAsync(erasure, cancellationToken);
        }

        await work.AdvanceAsync(erasure, cancellationToken);
    }

    private async Task RecordAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        await KeepAsync(erasure, cancellationToken);
        await store.MarkRecordedAsync(erasure.ErasureId, cancellationToken);
    }

    // Erasures of an image's former contents share its tombstone; the record is of the one that made it.
    private async Task KeepAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        if (await store.FindByTombstoneAsync(erasure.Tombstone, cancellationToken) is { } made)
        {
            recording.Keep(made);
        }
    }
}
