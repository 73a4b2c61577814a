namespace CpfPipeline.Matcher.Review;

/// <summary>A word of a person in a history: on two pictures, or on whether one is a placeholder.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="Said">What happened, as the end of a sentence that begins with who did it.</param>
/// <param name="Who">Who did it.</param>
/// <param name="At">When.</param>
/// <param name="Undoes">The word that it takes back, or null.</param>
internal sealed record PastWord(long Seq, string Said, string Who, DateTimeOffset At, long? Undoes);
