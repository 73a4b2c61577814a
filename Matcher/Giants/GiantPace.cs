namespace CpfPipeline.Matcher.Giants;

/// <summary>How often pending components are regrouped.</summary>
/// <remarks>
/// A giant that grows while a backlog comes in would be regrouped again and again. So regrouping takes a quarter of the time at most while
/// there is other work.
/// </remarks>
internal static class GiantPace
{
    private const int RestsPerRound = 3;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>Whether it is time for a round.</summary>
    /// <param name="idleFor">How long there has been no other work; zero while there is some.</param>
    /// <param name="restedFor">How long ago the last round ended.</param>
    /// <param name="lastRound">How long that took; zero before the first.</param>
    public static bool IsDue(TimeSpan idleFor, TimeSpan restedFor, TimeSpan lastRound) =>
        idleFor >= Quiet || restedFor >= RestsPerRound * lastRound;
}
