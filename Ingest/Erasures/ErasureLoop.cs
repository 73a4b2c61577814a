using System.Runtime.ExceptionServices;
using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Continues unfinished erasures, at start and then periodically. Several instances may do so at once. Nothing is lost by a failure: the
/// next step finds the same work.
/// </summary>
internal sealed class ErasureLoop(
    ErasureStore store, ErasureWork work, IOptions<IngestOptions> options, TimeProvider time, ILogger<ErasureLoop> logger)
    : BackgroundLoop("erasures", options.Value.ErasurePollInterval, time, logger)
{
    private const int Limit = 1_000;

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (var erasure in await store.ListUnfinishedAsync(Limit, cancellationToken))
        {
            try
            {
                await work.AdvanceAsync(erasure, cancellationToken);
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
}
