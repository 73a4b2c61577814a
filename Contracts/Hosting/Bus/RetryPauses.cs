namespace CpfPipeline.Hosting.Bus;

/// <summary>How long a message waits between two tries.</summary>
public static class RetryPauses
{
    /// <summary>The longest pause, but for what chance adds.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a message waits for a broken server in all. RabbitMQ takes a message away from a consumer that holds it for 30 minutes.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(25);

    // Chance makes a pause up to a fifth shorter or longer, so that waiting messages do not all come back in the same moment.
    private const double Spread = 0.2;

    private static readonly TimeSpan[] First =
    [
        TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15),
    ];

    /// <summary>
    /// Of a message that fails by itself: it is tried again in case chance was to blame, and holds up others for a moment only.
    /// </summary>
    public static TimeSpan[] OfFaults { get; } = [.. First.Take(3)];

    /// <summary>Of a message that meets a broken server: growing to half a minute, <see cref="Patience"/> in all.</summary>
    /// <param name="chance">Gives numbers from 0 to 1.</param>
    public static TimeSpan[] OfOutages(Func<double> chance)
    {
        var pauses = new List<TimeSpan>();
        for (var total = TimeSpan.Zero; total < Patience - (MaxPause * (1 + Spread)); total += pauses[^1])
        {
            var pause = pauses.Count < First.Length ? First[pauses.Count] : MaxPause;
            pauses.Add(pause * (1 - Spread + (2 * Spread * chance())));
        }

        return [.. pauses];
    }
}
