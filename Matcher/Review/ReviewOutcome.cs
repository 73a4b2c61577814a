using CpfPipeline.Matcher.Stores;

namespace CpfPipeline.Matcher.Review;

/// <summary>What became of what a reviewer asked for.</summary>
internal abstract record ReviewOutcome
{
    /// <summary>It is done, and the groups are computed by it.</summary>
    /// <param name="Verdicts">Verdicts that it changed.</param>
    /// <param name="Settled">Kept pairs that follow from it, counted up to <see cref="SettledCount.Max"/>.</param>
    internal sealed record Done(int Verdicts, int Settled) : ReviewOutcome
    {
        /// <summary>What was taken back; null when no form was.</summary>
        public UndoChoice? Undone { get; init; }

        /// <summary>The two pictures whose answer was taken back; null when it was none, or one of several.</summary>
        public (long A, long B)? TakenBack => Undone?.Form?.Pair;
    }

    /// <summary>The same form was taken before: nothing changed.</summary>
    internal sealed record Repeated : ReviewOutcome;

    /// <summary>The same form was taken before with other words: those stand, and nothing changed.</summary>
    internal sealed record Reused : ReviewOutcome;

    /// <summary>Nothing changed: the decision would give other verdicts now than the reviewer saw.</summary>
    internal sealed record PlanChanged : ReviewOutcome;

    /// <summary>Nothing changed.</summary>
    /// <param name="Detail">Why, for a person.</param>
    internal sealed record Refused(string Detail) : ReviewOutcome;

    /// <summary>Nothing changed: it contradicts verdicts that stand. It is in the list of contradictions.</summary>
    /// <param name="Chain">Those verdicts.</param>
    internal sealed record Contradicts(IReadOnlyList<VerdictRow> Chain) : ReviewOutcome;
}
