using System.Runtime.ExceptionServices;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>
/// Ends a publish that the broker has refused. MassTransit takes a refusal for a connection that broke, and publishes again with growing
/// pauses for as long as it is let; nobody would learn of it. The signal travels with the message, as a payload of its context.
/// </summary>
/// <param name="cancellationToken">Cancels the publish from outside.</param>
internal sealed class RefusalSignal(CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private volatile Exception? _refusal;

    /// <summary>Publishes.</summary>
    /// <param name="publish">The publish.</param>
    /// <exception cref="Exception">The first refusal, as the transport said it.</exception>
    public async Task PublishAsync(Func<CancellationToken, Task> publish)
    {
        try
        {
            await publish(_source.Token);
        }
        catch (Exception) when (_refusal is { } refusal)
        {
            ExceptionDispatchInfo.Throw(refusal);
        }
    }

    /// <summary>Takes note of a failed try; ends the publish when the broker has answered.</summary>
    public async Task FailedAsync(Exception exception)
    {
        if (PublishRound.Judge(exception).Kind != PublishOutcomeKind.Unanswered)
        {
            _refusal = exception;
            await _source.CancelAsync();
        }
    }

    public void Dispose() => _source.Dispose();
}
