namespace CpfPipeline.Trainer.Hub;

/// <summary>Cancelled with its caller, or when the hub has kept silent for too long.</summary>
internal sealed class HubPatience : IDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenSource _both;

    public HubPatience(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        _end = new CancellationTokenSource(patience, time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
    }

    public CancellationToken Token => _both.Token;

    public void Dispose()
    {
        _both.Dispose();
        _end.Dispose();
    }
}
