using System.Runtime.ExceptionServices;
using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Continues unfinished erasures, at start and then periodically. Several instances may do so at once. Nothing is lost by a failure: the
/// next step finds the same work.
/// </summary>
internal sealed class ErasureLoop(
    ErasureStore store, ErasureWork work, ErasureRecording recording, ErasureRepeat repeat, IOptions<IngestOptions> options,
    TimeProvider time, ILogger<ErasureLoop> logger)
    : BackgroundLoop("erasures", options.Value.ErasurePollInterval, time, logger)
{
    private const int Limit = 1_000;
    private bool _isInLine;

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        if (!_isInLine)
        {
            await repeat.RunAsync(cancellationToken);
            _isInLine = true;
        }

        ExceptionDispatchInfo? failure = null;
        foreach (var erasure in await store.ListUnfinishedAsync(Limit, cancellationToken))
        {
            try
            {
                await KeepAsync(erasure.Tombstone, again: false, cancellationToken);
                if (await work.AdvanceAsync(erasure, cancellationToken))
                {
                    await KeepAsync(erasure.Tombstone, again: true, cancellationToken);
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // A failing erasure must not block the others. The loop tells what went wrong when they have had their turn.
                Log.ErasurePostponed(Logger, erasure.ErasureId, e.Message);
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        failure?.Throw();
    }

    // Erasures of an image's former contents share its tombstone; the record is of the one that made it.
    private async Task KeepAsync(byte[] tombstone, bool again, CancellationToken cancellationToken)
    {
        if ((again || !recording.Has(tombstone)) && await store.FindByTombstoneAsync(tombstone, cancellationToken) is { } erasure)
        {
            recording.Keep(erasure);
        }
    }
}
