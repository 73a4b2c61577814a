using CpfPipeline.Matcher.Stores;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Verdicts;

/// <summary>What became of a verdict.</summary>
internal abstract record VerdictOutcome
{
    /// <summary>It stands, and the groups are computed by it.</summary>
    /// <param name="ContentA">The smaller content id.</param>
    /// <param name="ContentB">The larger content id.</param>
    /// <param name="Verdict">See <see cref="VerdictWord"/>.</param>
    /// <param name="Changed">false: it stood already.</param>
    /// <param name="GroupA">Group of the one content now; null when it is in none.</param>
    /// <param name="GroupB">Group of the other.</param>
    /// <param name="Pending">Whether their component is too large to regroup at once, so that it is regrouped in the background.</param>
    internal sealed record Taken(
        long ContentA, long ContentB, string Verdict, bool Changed, long? GroupA, long? GroupB, bool Pending) : VerdictOutcome
    {
        /// <summary>Whether the two are in one group.</summary>
        public bool SameGroup => GroupA is not null && GroupA == GroupB;
    }

    /// <summary>It was refused, and nothing changed.</summary>
    /// <param name="Reason">One of the reasons of <c>VerdictRefused</c>.</param>
    /// <param name="Detail">What was wrong, for a person.</param>
    /// <param name="Chain">Of a contradiction: the verdicts that cause it, from the one picture to the other.</param>
    internal sealed record Refused(string Reason, string Detail, IReadOnlyList<VerdictRow> Chain) : VerdictOutcome
    {
        public const string Invalid = "invalid";
        public const string UnknownPicture = "unknown_picture";
        public const string ExactCopies = "exact_copies";
        public const string Contradiction = "contradiction";
    }
}
