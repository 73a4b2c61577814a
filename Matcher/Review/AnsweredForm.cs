namespace CpfPipeline.Matcher.Review;

/// <summary>A form whose answers stand.</summary>
/// <param name="RequestId">Its id.</param>
/// <param name="FirstAnswerId">Place of its first answer.</param>
/// <param name="Pair">The two pictures; null when it answered several pairs.</param>
/// <param name="Events">The changes of verdicts that it made.</param>
internal sealed record AnsweredForm(Guid RequestId, long FirstAnswerId, (long A, long B)? Pair, IReadOnlyList<long> Events);
