using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Goes through the pictures of before, and then finds nothing to do from time to time.</summary>
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
