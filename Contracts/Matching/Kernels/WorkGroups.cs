using System.Runtime.ExceptionServices;

namespace CpfPipeline.Matching.Kernels;

/// <summary>Numbered pieces of work on several threads.</summary>
internal sealed class WorkGroups
{
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    public WorkGroups(int maxThreads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxThreads);
        MaxThreads = maxThreads == 0 ? Environment.ProcessorCount : maxThreads;
    }

    public int MaxThreads { get; }

    /// <summary>How many items one piece holds, so that every thread gets several pieces and none waits long for the last one.</summary>
    /// <param name="items">Items in all.</param>
    /// <param name="max">Items in a piece at most.</param>
    public int ItemsPerPiece(int items, int max) => Math.Clamp(items / (4 * MaxThreads), 1, max);

    /// <summary>Runs <paramref name="body"/> for each number below <paramref name="count"/>.</summary>
    /// <param name="count">Pieces.</param>
    /// <param name="newLocal">Makes what one thread needs for itself.</param>
    /// <param name="body">The work.</param>
    /// <param name="cancellationToken">Checked between pieces.</param>
    /// <param name="finish">Ends a thread's part.</param>
    public void ForEach<T>(int count, Func<T> newLocal, Action<int, T> body, CancellationToken cancellationToken, Action<T>? finish = null)
    {
        if (MaxThreads == 1 || count == 1)
        {
            var local = newLocal();
            for (var i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                body(i, local);
            }

            finish?.Invoke(local);
            return;
        }

        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = MaxThreads, CancellationToken = cancellationToken };
            Parallel.For(0, count, options, newLocal, (i, _, local) =>
            {
                body(i, local);
                return local;
            }, local => finish?.Invoke(local));
        }
        catch (AggregateException exception)
        {
            // A sink's own exception reaches the caller as it was thrown.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}
