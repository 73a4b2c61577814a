using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Review;

/// <summary>What takes a change of a verdict back. Pure.</summary>
internal static class UndoRule
{
    /// <summary>The inverse change: it gives back the word that stood before.</summary>
    public static VerdictChange Inverse(VerdictEvent change) =>
        new(change.ContentA, change.ContentB, change.Before ?? VerdictWord.Withdrawn, change.Seq);

    /// <summary>Why a change cannot be taken back, for a person; null when it can.</summary>
    /// <param name="history">All changes on the same two contents.</param>
    /// <param name="change">One of them.</param>
    public static string? Problem(IReadOnlyCollection<VerdictEvent> history, VerdictEvent change) =>
        Problem([.. history.Select(e => e.Past)], change.Seq, "two pictures");

    /// <summary>Why a word cannot be taken back, for a person; null when it can.</summary>
    /// <param name="history">All words on the same thing.</param>
    /// <param name="seq">One of them.</param>
    /// <param name="what">That thing, for the sentence.</param>
    public static string? Problem(IReadOnlyCollection<PastWord> history, long seq, string what)
    {
        // From the newest on: what a change that counts takes back does not count.
        var undone = new Dictionary<long, PastWord>();
        foreach (var later in history.OrderByDescending(e => e.Seq))
        {
            if (later.Undoes is { } target && !undone.ContainsKey(later.Seq))
            {
                undone[target] = later;
            }
        }

        if (undone.TryGetValue(seq, out var undo))
        {
            return $"{undo.Who} took this back already, {ShownTime.Of(undo.At)}.";
        }

        return history.Where(e => e.Seq > seq && e.Undoes is null && !undone.ContainsKey(e.Seq)).MaxBy(e => e.Seq) is { } since
            ? $"{since.Who} {since.Said} since, {ShownTime.Of(since.At)}. Only the last word on {what} can be taken back."
            : null;
    }

    /// <summary>Why a word that another one has said as well cannot be taken back, for a person.</summary>
    /// <param name="agreement">The other's word.</param>
    public static string Agreed(PastWord agreement) =>
        $"{agreement.Who} {agreement.Said}, {ShownTime.Of(agreement.At)}. Answer the two pictures anew to overrule that.";
}
