using CpfPipeline.Matcher.Stores;

namespace CpfPipeline.Matcher.Verdicts;

/// <summary>What became of some changes that were to be written together.</summary>
internal abstract record VerdictWriting
{
    /// <summary>All stand.</summary>
    /// <param name="Events">The event of each change; null where nothing changed.</param>
    internal sealed record Written(IReadOnlyList<long?> Events) : VerdictWriting;

    /// <summary>None was written: a content is not stored.</summary>
    /// <param name="ContentId">That content.</param>
    internal sealed record Missing(long ContentId) : VerdictWriting;

    /// <summary>None was written: one contradicts others. It is in the list of contradictions.</summary>
    /// <param name="Change">That change.</param>
    /// <param name="Chain">The verdicts that it contradicts, from its smaller content to its larger one.</param>
    internal sealed record Contradicted(VerdictChange Change, IReadOnlyList<VerdictRow> Chain) : VerdictWriting;
}
