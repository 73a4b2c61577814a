namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>How two pictures are laid out for comparison.</summary>
/// <param name="Word">How the address names it, and the key's action.</param>
/// <param name="Name">How the page names it.</param>
public sealed record ReviewView(string Word, string Name)
{
    /// <summary>Beside each other.</summary>
    public static readonly ReviewView Side = new("side", "Side by side");

    /// <summary>One in the place of the other.</summary>
    public static readonly ReviewView Flip = new("flip", "Flip");

    /// <summary>The one left of a line, the other right of it.</summary>
    public static readonly ReviewView Split = new("split", "Split");

    /// <summary>Both at once, half transparent.</summary>
    public static readonly ReviewView Overlay = new("overlay", "Overlay");

    /// <summary>What differs: black where both are equal.</summary>
    public static readonly ReviewView Difference = new("difference", "Difference");

    /// <summary>All, as the page offers them.</summary>
    public static IReadOnlyList<ReviewView> All { get; } = [Side, Flip, Split, Overlay, Difference];

    /// <summary>The view of that word; the first for any other.</summary>
    public static ReviewView Of(string? word) => All.FirstOrDefault(v => v.Word == word) ?? Side;
}
