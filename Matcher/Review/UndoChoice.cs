namespace CpfPipeline.Matcher.Review;

/// <summary>What an undo takes back.</summary>
/// <param name="Form">The form; null when there is none that can be taken back.</param>
/// <param name="PassedOver">Later forms of the reviewer that stand, the newest first, each with why it cannot be taken back.</param>
internal sealed record UndoChoice(AnsweredForm? Form, IReadOnlyList<(AnsweredForm Form, string Why)> PassedOver)
{
    /// <summary>The changes of verdicts that the form made, in their order.</summary>
    public IReadOnlyList<VerdictEvent> Verdicts { get; init; } = [];

    /// <summary>The changes of words on placeholders that it made.</summary>
    public IReadOnlyList<PlaceholderChange> Placeholders { get; init; } = [];
}
