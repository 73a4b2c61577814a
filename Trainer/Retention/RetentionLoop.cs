using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Retention;

/// <summary>Removes old rows, every hour by default.</summary>
internal sealed class RetentionLoop(OldRows rows, IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionLoop> logger)
    : BackgroundLoop("retention", options.Value.Every, time, logger)
{
    protected override Task StepAsync(CancellationToken cancellationToken) => rows.RemoveAsync(cancellationToken);
}
