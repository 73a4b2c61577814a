using System.Runtime.CompilerServices;
using Xunit;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>Waits for what another process, thread or session does.</summary>
internal static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Asks again and again until the condition holds.</summary>
    /// <param name="condition">The question.</param>
    /// <param name="what">What is waited for, for the error; by default the question's text.</param>
    /// <exception cref="TimeoutException">It did not hold within a minute.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Limit)
            {
                throw new TimeoutException($"Waited in vain until {what}.");
            }

            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
