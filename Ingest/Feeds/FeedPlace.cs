namespace CpfPipeline.Ingest.Feeds;

/// <summary>One of a limited number of places, given back when disposed.</summary>
/// <param name="places">The places there are.</param>
internal sealed class FeedPlace(SemaphoreSlim places) : IDisposable
{
    private SemaphoreSlim _places = places;
    private bool _isTaken;

    /// <summary>Takes a place; false when all are taken.</summary>
    public bool TryTake() => _isTaken = _places.Wait(0);

    /// <summary>Gives the place back and waits for one of other places.</summary>
    public async Task ExchangeAsync(SemaphoreSlim others, CancellationToken cancellationToken)
    {
        Dispose();
        await others.WaitAsync(cancellationToken);
        (_places, _isTaken) = (others, true);
    }

    public void Dispose()
    {
        if (_isTaken)
        {
            _isTaken = false;
            _places.Release();
        }
    }
}
