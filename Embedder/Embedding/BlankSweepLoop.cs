using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Examines the pictures that were embedded before blanks were recognised. After that its steps find nothing to do.</summary>
internal sealed class BlankSweepLoop(
    BlankSweep sweep, IOptions<EmbedderOptions> options, TimeProvider time, ILogger<BlankSweepLoop> logger)
    : BackgroundLoop("blank pictures", options.Value.RepairEvery, time, logger)
{
    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        while (await sweep.StepAsync(cancellationToken))
        {
        }
    }
}
