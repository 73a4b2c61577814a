using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Looks for missed contents from time to time.</summary>
internal sealed class MissedContentsLoop(
    MissedContents missed, IOptions<EmbedderOptions> options, TimeProvider time, ILogger<MissedContentsLoop> logger)
    : BackgroundLoop("missed contents", options.Value.RepairEvery, time, logger)
{
    // What is on its way when the service starts is not missed yet.
    protected override Task BeforeFirstStepAsync(CancellationToken cancellationToken) => WaitAsync(cancellationToken);

    protected override async Task StepAsync(CancellationToken cancellationToken) => await missed.SendAsync(cancellationToken);
}
