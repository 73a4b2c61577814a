namespace CpfPipeline.Data.Placeholders;

/// <summary>A person's word on whether a content is a placeholder.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="IsPlaceholder">true: never match it; false: match it however many products use it; null: the rules decide again.</param>
/// <param name="Who">Who says so.</param>
/// <param name="Note">Why, or null.</param>
public sealed record PlaceholderWord(long ContentId, bool? IsPlaceholder, string Who, string? Note)
{
    /// <summary>The form of the review pages that says so, or null.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>Who stands for the word, and why, when it gives back what another one said; null: who says it now.</summary>
    public (string? Who, string? Note)? GivenBack { get; init; }

    /// <summary>The word that this one takes back: its place in <c>cpf.placeholder_words</c>; or null.</summary>
    public long? Undoes { get; init; }
}
