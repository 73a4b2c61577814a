namespace CpfPipeline.Matcher.Review;

/// <summary>A change of a verdict: a row of <c>cpf.verdict_events</c>.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="Before">The word that stood before, or null.</param>
/// <param name="After">The word that stands since, or null.</param>
/// <param name="Who">Who made it.</param>
/// <param name="At">When.</param>
/// <param name="Undoes">The change that it takes back, or null.</param>
internal sealed record VerdictEvent(
    long Seq, long ContentA, long ContentB, string? Before, string? After, string Who, DateTimeOffset At, long? Undoes)
{
    /// <summary>It as a word in a history.</summary>
    public PastWord Past => new(Seq, After is { } word ? $"said '{word}'" : "withdrew the verdict", Who, At, Undoes);
}
