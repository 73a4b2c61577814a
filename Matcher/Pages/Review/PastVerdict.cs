namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>A change of a verdict in the history.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="NameA">A listing that shows the one picture.</param>
/// <param name="NameB">A listing that shows the other.</param>
/// <param name="Before">The word that stood before, or null.</param>
/// <param name="After">The word that stands since, or null.</param>
/// <param name="Who">Who made it.</param>
/// <param name="At">When.</param>
/// <param name="Note">Why, or null.</param>
/// <param name="Undoes">The change that it takes back, or null.</param>
/// <param name="IsLast">Whether no later change is on the same two pictures.</param>
public sealed record PastVerdict(
    long Seq, long ContentA, long ContentB, string NameA, string NameB, string? Before, string? After, string Who, DateTimeOffset At,
    string? Note, long? Undoes, bool IsLast)
{
    /// <summary>What happened.</summary>
    public string Text => (Undoes is null ? "" : "took back: ") + (Before, After) switch
    {
        (null, var after) => $"{after}",
        (var before, null) => $"{before} withdrawn",
        var (before, after) => $"{before} became {after}",
    };
}
