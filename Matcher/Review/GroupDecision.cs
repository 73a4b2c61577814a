using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Review;

/// <summary>What a decision on some pictures of a group says of pairs. Pure.</summary>
public static class GroupDecision
{
    /// <summary>The chosen pictures show other products than the rest of the group.</summary>
    public const string Split = "split";

    /// <summary>The chosen pictures all show the same product.</summary>
    public const string Same = "same";

    /// <summary>The chosen pictures show no product: they are placeholders.</summary>
    public const string Placeholder = "placeholder";

    /// <summary>Whether a word is one of them.</summary>
    public static bool IsKnown(string? word) => word is Split or Same or Placeholder;

    /// <summary>
    /// The verdicts that say it. A verdict on two of the pictures that says the opposite is replaced, as when somebody changes their mind.
    /// Then follows one verdict for every two closures of <c>same</c> verdicts, and none for what follows from those that stand. What
    /// contradicts others nevertheless is refused when it is given.
    /// </summary>
    /// <param name="word">The decision.</param>
    /// <param name="chosen">The chosen pictures.</param>
    /// <param name="others">The rest of the group.</param>
    /// <param name="standing">The verdicts that stand, at least those that <see cref="SettledPairs"/> needs for these pictures.</param>
    internal static IReadOnlyList<VerdictChange> Changes(
        string word, IReadOnlyCollection<long> chosen, IReadOnlyCollection<long> others, IReadOnlyCollection<Verdict> standing)
    {
        if (word == Placeholder)
        {
            return [];
        }

        var (ours, theirs, same) = (chosen.ToHashSet(), word == Same ? [.. chosen] : others.ToHashSet(), word == Same);
        var replaced = standing.Where(v => v.Same != same && IsAcross(v)).Select(v => v with { Same = same }).ToList();
        var settled = new SettledPairs([.. standing.Where(v => v.Same == same || !IsAcross(v)), .. replaced]);
        var ends = Representatives(chosen, settled);
        var pairs = same
            ? ends.Skip(1).Select(b => VerdictChange.Of(ends[0], b, VerdictWord.Same))
            : ends.SelectMany(a => Representatives(others, settled).Where(b => !settled.AreDifferent(a, b))
                .Select(b => VerdictChange.Of(a, b, VerdictWord.Different)));
        return
        [
            .. replaced.OrderBy(v => v.ContentA).ThenBy(v => v.ContentB)
                .Select(v => new VerdictChange(v.ContentA, v.ContentB, same ? VerdictWord.Same : VerdictWord.Different)),
            .. pairs,
        ];

        bool IsAcross(Verdict v) =>
            (ours.Contains(v.ContentA) && theirs.Contains(v.ContentB)) || (ours.Contains(v.ContentB) && theirs.Contains(v.ContentA));
    }

    // Of each closure the smallest picture among the given ones.
    private static List<long> Representatives(IReadOnlyCollection<long> contents, SettledPairs settled) =>
        [.. contents.Order().DistinctBy(settled.ClosureOf)];
}
