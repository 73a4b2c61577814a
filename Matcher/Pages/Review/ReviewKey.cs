using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>A key of the review page. The legend shows this table, and the script binds the keys that it finds in the legend.</summary>
/// <param name="Key">The key, as a browser names it.</param>
/// <param name="Sign">What is printed for it.</param>
/// <param name="Action">What it does: the control that carries this word in <c>data-do</c> is pressed.</param>
/// <param name="Text">What it does, for a person.</param>
public sealed record ReviewKey(string Key, string Sign, string Action, string Text)
{
    /// <summary>All.</summary>
    public static IReadOnlyList<ReviewKey> All { get; } =
    [
        new("y", "y", VerdictWord.Same, "They show the same product"),
        new("n", "n", VerdictWord.Different, "They show different products"),
        new("u", "u", ReviewAnswer.Unsure, "Unsure: do not ask me again"),
        new("z", "z", "undo", "Take my last answer back"),
        new("ArrowRight", "→", "next", "Another pair"),
        new("ArrowLeft", "←", "previous", "The pair before"),
        new("s", "s", ReviewView.Side.Word, "Side by side"),
        new("f", "f", ReviewView.Flip.Word, "Flip: one in the place of the other"),
        new("p", "p", ReviewView.Split.Word, "Split: one left of a line, the other right"),
        new("o", "o", ReviewView.Overlay.Word, "Overlay: both at once"),
        new("d", "d", ReviewView.Difference.Word, "Difference: black where both are equal"),
        new("+", "+", "zoom-in", "Closer"),
        new("-", "−", "zoom-out", "Farther"),
        new("0", "0", "zoom-reset", "The whole picture"),
        new("?", "?", "legend", "Show or hide these keys"),
    ];

    /// <summary>What is printed for the key of an action.</summary>
    public static string SignOf(string action) => All.First(k => k.Action == action).Sign;
}
