namespace CpfPipeline.Matcher.Review;

/// <summary>A form whose answers stand.</summary>
/// <param name="RequestId">Its id.</param>
/// <param name="FirstAnswerId">Place of its first answer.</param>
/// <param name="Answers">Its answers, in the order in which they were given: one or more.</param>
/// <param name="Settled">Further pairs that follow from it.</param>
internal sealed record AnsweredForm(Guid RequestId, long FirstAnswerId, IReadOnlyList<AnsweredPair> Answers, int Settled)
{
    /// <summary>The two pictures; null when it answered several pairs.</summary>
    public (long A, long B)? Pair => Answers is [var only] ? (only.ContentA, only.ContentB) : null;

    /// <summary>The changes of verdicts that it made.</summary>
    public IReadOnlyList<long> Events => [.. Answers.Select(a => a.VerdictSeq).OfType<long>()];
}
