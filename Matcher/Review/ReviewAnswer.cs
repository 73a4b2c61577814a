using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Review;

/// <summary>A reviewer's answer on two pictures.</summary>
/// <param name="RequestId">Id of the form: the same one posted again changes nothing.</param>
/// <param name="A">The one content.</param>
/// <param name="B">The other content.</param>
/// <param name="Word"><see cref="VerdictWord.Same"/>, <see cref="VerdictWord.Different"/> or <see cref="Unsure"/>.</param>
/// <param name="Who">The reviewer.</param>
internal sealed record ReviewAnswer(Guid RequestId, long A, long B, string? Word, string Who)
{
    /// <summary>The reviewer cannot tell, and is not asked again.</summary>
    public const string Unsure = "unsure";
}
