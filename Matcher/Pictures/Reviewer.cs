namespace CpfPipeline.Matcher.Pictures;

/// <summary>Checks the reviewer's name and note.</summary>
internal static class Reviewer
{
    private const int MaxWhoLength = 200;
    private const int MaxNoteLength = 2_000;

    /// <summary>What is wrong with them, or null.</summary>
    public static string? Problem(string? who, string? note) =>
        string.IsNullOrWhiteSpace(who) || who.Length > MaxWhoLength ? $"who must name a person, in at most {MaxWhoLength} characters."
        : who.Contains('\0') || note?.Contains('\0') == true ? "who and note may not hold a zero character."
        : note?.Length > MaxNoteLength ? $"The note may have at most {MaxNoteLength} characters."
        : null;
}
