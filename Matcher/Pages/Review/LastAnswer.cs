using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Review;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>A reviewer's last answer that stands.</summary>
/// <param name="NameA">A listing that shows the one picture.</param>
/// <param name="NameB">A listing that shows the other; empty when the word is about one picture.</param>
/// <param name="Word">The answer, or <see cref="GroupDecision.Placeholder"/>.</param>
/// <param name="Similarity">Similarity of the two, or null.</param>
/// <param name="Settled">Further pairs that follow from it.</param>
/// <param name="Together">Answers that were given with it, itself included.</param>
public sealed record LastAnswer(string NameA, string NameB, string Word, double? Similarity, int Settled, int Together)
{
    /// <summary>What was said, and what follows. The score is told now: it cannot sway the answer any more.</summary>
    public string Text(double threshold)
    {
        if (Word == GroupDecision.Placeholder)
        {
            return Together > 1 ? $"{Figures.Count(Together, "picture")} called placeholders." : $"placeholder: {NameA}.";
        }

        var said = Together > 1 ? $"{Figures.Count(Together, "verdict")} given at once." : $"{Word}: {NameA} and {NameB}.";
        var score = Together == 1 && Similarity is { } s ? $" Similarity {Figures.Similarity(s)} ({Figures.Margin(s, threshold)})." : "";
        var settled = Settled switch
        {
            0 => "",
            >= SettledCount.Max => $" This answer settles {SettledCount.Max} more pairs or more.",
            _ => $" This answer settles {Figures.Count(Settled, "more pair")}.",
        };
        return said + score + settled;
    }
}
