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
    /// The fewest verdicts that say it: one for every two closures of <c>same</c> verdicts, none for what follows from those that stand.
    /// </summary>
    /// <param name="word">The decision.</param>
    /// <param name="chosen">The chosen pictures.</param>
    /// <param name="others">The rest of the group.</param>
    /// <param name="settled">What follows from the verdicts that stand.</param>
    internal static IReadOnlyList<VerdictChange> Changes(
        string word, IReadOnlyCollection<long> chosen, IReadOnlyCollection<long> others, SettledPairs settled)
    {
        var ours = Representatives(chosen, settled);
        return word switch
        {
            Split =>
            [
                .. ours.SelectMany(a => Representatives(others, settled).Where(b => !settled.AreDifferent(a, b))
                    .Select(b => VerdictChange.Of(a, b, VerdictWord.Different))),
            ],
            Same => [.. ours.Skip(1).Select(b => VerdictChange.Of(ours[0], b, VerdictWord.Same))],
            _ => [],
        };
    }

    // Of each closure the smallest picture among the given ones.
    private static List<long> Representatives(IReadOnlyCollection<long> contents, SettledPairs settled) =>
        [.. contents.Order().DistinctBy(settled.ClosureOf)];
}
