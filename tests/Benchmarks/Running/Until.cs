using System.Diagnostics;

namespace CpfPipeline.Tests.Benchmarks.Running;

/// <summary>Waiting for a condition, with a bound.</summary>
internal static class Until
{
    /// <summary>Asks again and again until the condition holds.</summary>
    /// <param name="condition">The question.</param>
    /// <param name="pause">Between two questions; also the error of a time measured with this.</param>
    /// <param name="limit">Longest wait.</param>
    /// <param name="what">What is waited for, for the error.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static async Task TrueAsync(
        Func<CancellationToken, Task<bool>> condition, TimeSpan pause, TimeSpan limit, string what, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition(cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"{what}: not within {limit.TotalSeconds:0} s");
            }

            await Task.Delay(pause, TimeProvider.System, cancellationToken);
        }
    }
}
