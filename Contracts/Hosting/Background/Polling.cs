namespace CpfPipeline.Hosting.Background;

/// <summary>Waiting for what another service leaves in a place that tells nobody, such as a file or a row.</summary>
public static class Polling
{
    /// <summary>The longest pause between two looks.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(250);

    private const double Growth = 1.5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(15);

    /// <summary>Looks again and again, soon at first, until there is something.</summary>
    /// <param name="look">Looks; null: not there yet.</param>
    /// <param name="time">Clock of the pauses.</param>
    /// <param name="cancellationToken">Ends the wait, with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<T> UntilFoundAsync<T>(
        Func<CancellationToken, Task<T?>> look, TimeProvider time, CancellationToken cancellationToken)
        where T : class
    {
        for (var pause = FirstPause; ; pause = pause * Growth < MaxPause ? pause * Growth : MaxPause)
        {
            if (await look(cancellationToken) is { } found)
            {
                return found;
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }
}
