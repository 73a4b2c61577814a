namespace CpfPipeline.Hosting.Bus;

/// <summary>How long a message waits between two tries.</summary>
public static class RetryPauses
{
    /// <summary>The longest pause, without what chance adds.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    // Chance makes a pause up to a fifth shorter or longer, so that waiting messages do not all come back in the same moment.
    private const double Spread = 0.2;

    private static readonly TimeSpan[] First =
    [
        TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15), MaxPause,
    ];

    /// <summary>
    /// Of a message that fails by itself: it is tried again in case chance was to blame, and holds up others for a moment only.
    /// </summary>
    public static TimeSpan[] OfFaults { get; } = [.. First.Take(3)];

    /// <summary>
    /// Of a message that meets a broken server: growing, about a minute in all. RabbitMQ takes messages away from a consumer that holds
    /// them for 30 minutes, and what was prefetched waits for its turn as well.
    /// </summary>
    /// <param name="chance">Gives numbers from 0 to 1.</param>
    public static TimeSpan[] OfOutages(Func<double> chance) => Vary(First, chance);

    /// <summary>
    /// The same for a queue whose messages must stay in order: about 20 minutes. Only one message of it is held at a time.
    /// </summary>
    /// <param name="chance">Gives numbers from 0 to 1.</param>
    public static TimeSpan[] OfOutagesInOrder(Func<double> chance) => Vary([.. First, .. Enumerable.Repeat(MaxPause, 36)], chance);

    private static TimeSpan[] Vary(TimeSpan[] pauses, Func<double> chance) =>
        [.. pauses.Select(pause => pause * (1 - Spread + (2 * Spread * chance())))];
}
