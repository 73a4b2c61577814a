using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>
/// The queue of the workers. Arrivals come first. While both wait, every fifth picture is taken from the backfill: so it ends under any
/// traffic, and takes at most a fifth of the capacity. The queue is short: writers wait when it is full.
/// </summary>
/// <typeparam name="T">A job.</typeparam>
/// <param name="capacity">Jobs of each urgency that may wait.</param>
internal sealed class JobQueue<T>(int capacity) : IDisposable
{
    /// <summary>One picture of this many is taken from the backfill, even while arrivals wait.</summary>
    public const int BackfillTurn = 5;

    private readonly Channel<T> _arrivals = Channel.CreateBounded<T>(capacity);
    private readonly Channel<T> _backfill = Channel.CreateBounded<T>(capacity);

    // Counts the jobs in both channels. A reader that has waited for it finds a job in one of them, or the end.
    private readonly SemaphoreSlim _waiting = new(0);
    private int _taken;

    /// <summary>Waits for room.</summary>
    /// <exception cref="ChannelClosedException">The queue is closed.</exception>
    public async ValueTask WriteAsync(T job, Urgency urgency, CancellationToken cancellationToken)
    {
        await (urgency == Urgency.Arrival ? _arrivals : _backfill).Writer.WriteAsync(job, cancellationToken);
        _waiting.Release();
    }

    /// <summary>Blocks until there is a job.</summary>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Take([MaybeNullWhen(false)] out T job)
    {
        _waiting.Wait();
        return Next(out job);
    }

    /// <summary>Takes a job if there is one.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T job)
    {
        job = default;
        return _waiting.Wait(0) && Next(out job);
    }

    /// <summary>Ends writing. The jobs in the queue are still taken.</summary>
    public void Close()
    {
        _arrivals.Writer.TryComplete();
        _backfill.Writer.TryComplete();
        _waiting.Release();
    }

    public void Dispose() => _waiting.Dispose();

    private bool Next([MaybeNullWhen(false)] out T job)
    {
        var (first, second) = (uint)Interlocked.Increment(ref _taken) % BackfillTurn == 0 ? (_backfill, _arrivals) : (_arrivals, _backfill);
        while (!first.Reader.TryRead(out job) && !second.Reader.TryRead(out job))
        {
            if (first.Reader.Completion.IsCompleted && second.Reader.Completion.IsCompleted)
            {
                _waiting.Release(); // Every reader must see the end.
                return false;
            }

            // Another reader took from the first queue after this one had looked at the second. The job this reader waits for is there.
        }

        return true;
    }
}
