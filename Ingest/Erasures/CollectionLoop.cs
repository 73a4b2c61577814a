using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Runs the collection and the sweep periodically. Nothing is lost by a failure: the next step finds the same work.</summary>
internal sealed class CollectionLoop(
    Collection collection, BlobSweep sweep, IOptions<IngestOptions> options, TimeProvider time, ILogger<CollectionLoop> logger)
    : BackgroundLoop("collection", options.Value.CollectInterval, time, logger)
{
    protected override Task BeforeFirstStepAsync(CancellationToken cancellationToken) => WaitAsync(cancellationToken);

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        await collection.RunAsync(cancellationToken);
        if (await sweep.RunAsync(cancellationToken) is > 0 and var removed)
        {
            Log.Swept(Logger, removed);
        }
    }
}
