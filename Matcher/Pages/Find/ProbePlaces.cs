namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>Places for something that few may do at once.</summary>
/// <param name="max">How many.</param>
internal sealed class ProbePlaces(int max)
{
    private int _taken;

    /// <summary>Takes a place.</summary>
    /// <returns>What gives it back; null when all are taken.</returns>
    public IDisposable? TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= max)
        {
            return new TakenPlace(this);
        }

        Interlocked.Decrement(ref _taken);
        return null;
    }

    private sealed class TakenPlace(ProbePlaces places) : IDisposable
    {
        private int _isGiven;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGiven, 1) == 0)
            {
                Interlocked.Decrement(ref places._taken);
            }
        }
    }
}
