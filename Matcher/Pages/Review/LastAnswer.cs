using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Review;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>What a form of a reviewer said: as a rule the last one that stands, which an undo takes back.</summary>
/// <param name="NameA">A listing that shows the one picture.</param>
/// <param name="NameB">A listing that shows the other; empty when the word is about one picture.</param>
/// <param name="Word">The answer, or <see cref="GroupDecision.Placeholder"/>.</param>
/// <param name="Settled">Further pairs that follow from it.</param>
/// <param name="Together">Answers that were given with it, itself included.</param>
public sealed record LastAnswer(string NameA, string NameB, string Word, int Settled, int Together)
{
    /// <summary>Similarity of the two, or null.</summary>
    public double? Similarity { get; init; }

    /// <summary>Whether an undo takes it back.</summary>
    public bool CanBeTakenBack { get; init; } = true;

    /// <summary>Why it cannot be taken back, or else why a later form of the reviewer cannot; null when neither is so.</summary>
    public string? Why { get; init; }

    /// <summary>What was said, as a part of a sentence.</summary>
    public string What => (Word, Together) switch
    {
        (GroupDecision.Placeholder, 1) => $"'{Word}' of {NameA}",
        (GroupDecision.Placeholder, _) => $"{Figures.Count(Together, "picture")} called placeholders",
        (_, 1) => $"'{Word}' of {NameA} and {NameB}",
        _ => $"{Figures.Count(Together, "verdict")} given at once",
    };

    /// <summary>What was said, and what follows. The score is told now: it cannot sway the answer any more.</summary>
    public string Text(double threshold)
    {
        var said = (Word, Together) switch
        {
            (GroupDecision.Placeholder, 1) => $"{Word}: {NameA}.",
            (_, 1) => $"{Word}: {NameA} and {NameB}.",
            _ => $"{What}.",
        };
        var score = Together == 1 && Similarity is { } s ? $" Similarity {Figures.Similarity(s)} ({Figures.Margin(s, threshold)})." : "";
        var settled = Settled switch
        {
            0 => "",
            >= SettledCount.Max => $" This answer settles {SettledCount.Max} more pairs or more.",
            _ => $" This answer settles {Figures.Count(Settled, "more pair")}.",
        };
        var undo = Why is null ? ""
            : CanBeTakenBack ? $" Undo takes this back. What you said later stays: {Why}" : $" This cannot be taken back: {Why}";
        return said + score + settled + undo;
    }
}
