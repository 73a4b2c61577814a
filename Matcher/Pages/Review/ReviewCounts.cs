using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Review;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>How far a reviewer is.</summary>
/// <param name="Answered">Answers of the reviewer that stand.</param>
/// <param name="Today">Of these, given today (UTC).</param>
/// <param name="Open">Open pairs in sight.</param>
/// <param name="Contradictions">Open contradictions, of all reviewers.</param>
public sealed record ReviewCounts(long Answered, long Today, int Open, long Contradictions)
{
    /// <summary>One line.</summary>
    public string Text => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Answered:N0} answered of {Answered + Open:N0}{(Open >= PairQueue.PairsInSight ? " or more" : "")} in sight, {Today:N0} today");

    /// <summary>The list of contradictions, as a link names it.</summary>
    public string ContradictionsText => Contradictions == 0 ? "Contradictions" : $"{Figures.Count(Contradictions, "contradiction")}";
}
