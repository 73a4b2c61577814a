namespace CpfPipeline.Matcher.Review;

/// <summary>An answer on two pictures: a row of <c>cpf.review_answers</c>.</summary>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="Word">The answer.</param>
/// <param name="VerdictSeq">The change of the verdict that it made; null when it made none.</param>
internal sealed record AnsweredPair(long ContentA, long ContentB, string Word, long? VerdictSeq);
