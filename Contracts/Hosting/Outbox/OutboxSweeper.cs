using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>Publishes, every few seconds, what a crashed or disconnected writer left in the outbox.</summary>
internal sealed class OutboxSweeper(
    OutboxDispatcher dispatcher, HeldBackMessages heldBack, RefusedMessages refused, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<OutboxSweeper> logger)
    : BackgroundLoop("outbox", Pause, time, logger)
{
    private const int Limit = 1_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    // Longer than a writer needs to publish after its commit; a message published twice does no harm.
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(10);

    // The broker drops a message that comes before its consumer's queue is bound. Once the application has started, the bus has, too.
    protected override async Task BeforeFirstStepAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        var kept = new Dictionary<string, long>(await dispatcher.CountUnknownAsync(Age, cancellationToken), StringComparer.Ordinal);
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        for (long? after = 0; after is { } seq;)
        {
            var page = await dispatcher.SweepAsync(Age, seq, Limit, cancellationToken);
            foreach (var type in page.Unreadable)
            {
                kept[type] = kept.GetValueOrDefault(type) + 1;
            }

            foreach (var (type, reason) in page.Refused)
            {
                reasons[type] = reason;
            }

            if (page.Published > 0)
            {
                Log.Swept(Logger, page.Published);
            }

            after = page.NextAfterSeq;
        }

        heldBack.Set(kept);
        refused.Set(await dispatcher.CountRefusedAsync(cancellationToken), reasons);
    }
}
