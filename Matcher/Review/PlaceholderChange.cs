namespace CpfPipeline.Matcher.Review;

/// <summary>A change of a word on whether a content is a placeholder: a row of <c>cpf.placeholder_words</c>.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="ContentId">The content.</param>
/// <param name="Before">The word that stood before, or null.</param>
/// <param name="WhoBefore">Who stood for it.</param>
/// <param name="NoteBefore">Why.</param>
/// <param name="After">The word that stands since, or null.</param>
/// <param name="Who">Who made it.</param>
/// <param name="At">When.</param>
/// <param name="Undoes">The change that it takes back, or null.</param>
internal sealed record PlaceholderChange(
    long Seq, long ContentId, bool? Before, string? WhoBefore, string? NoteBefore, bool? After, string Who, DateTimeOffset At, long? Undoes)
{
    /// <summary>It as a word in a history.</summary>
    public PastWord Past => new(
        Seq, After switch { true => "called it a placeholder", false => "called it no placeholder", null => "left it to the rules" }, Who,
        At, Undoes);
}
