using CpfPipeline.Hosting.Health;
using CpfPipeline.Nights.Drift;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>Key <c>drift</c> of <c>/health</c>: what this process found last; null before it has looked.</summary>
internal sealed class DriftDetail : IHealthDetail
{
    public DriftFinding? Latest { get; set; }

    public string Name => "drift";

    public ValueTask<object?> GetAsync(CancellationToken cancellationToken) => new(
        Latest is { } found ? new { model_id = found.ModelId, contents = found.Contents, index = found.Index, alarm = found.IsAlarm, message = found.Message } : null);
}
