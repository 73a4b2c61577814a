using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Continues unfinished erasures, at start and then periodically. Several instances may do so at once. Nothing is lost by a failure: the
/// next step finds the same work.
/// </summary>
internal sealed class ErasureLoop(
    ErasureTurn turn, ErasureRepeat repeat, IOptions<IngestOptions> options, TimeProvider time, ILogger<ErasureLoop> logger)
    : BackgroundLoop("erasures", options.Value.ErasurePollInterval, time, logger)
{
    private bool _isInLine;

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        if (!_isInLine)
        {
            await repeat.RunAsync(cancellationToken);
            _isInLine = true;
        }

        await turn.RunAsync(cancellationToken);
    }
}
