namespace CpfPipeline.Matcher.Review;

/// <summary>A form whose answers, or words on placeholders, stand.</summary>
/// <param name="RequestId">Its id.</param>
/// <param name="Place">Its place among the forms.</param>
/// <param name="Answers">Its answers, in the order in which they were given; none when it said something of placeholders.</param>
/// <param name="Placeholders">
/// The contents that it called placeholders, with the places of these words; none when it answered pairs.
/// </param>
/// <param name="Settled">Further pairs that follow from it.</param>
internal sealed record AnsweredForm(
    Guid RequestId, long Place, IReadOnlyList<AnsweredPair> Answers, IReadOnlyList<(long ContentId, long Seq)> Placeholders, int Settled)
{
    /// <summary>The two pictures; null when it answered several pairs, or none.</summary>
    public (long A, long B)? Pair => Answers is [var only] ? (only.ContentA, only.ContentB) : null;

    /// <summary>The places of its words on placeholders.</summary>
    public IReadOnlyList<long> PlaceholderSeqs => [.. Placeholders.Select(p => p.Seq)];

    /// <summary>The changes of verdicts that it made.</summary>
    public IReadOnlyList<long> Events => [.. Answers.Select(a => a.VerdictSeq).OfType<long>()];
}
