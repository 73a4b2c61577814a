using System.Globalization;

namespace CpfPipeline.Cli.Keys;

/// <summary>Reads when a key expires: <c>90d</c>, <c>12h</c>, <c>2027-01-31</c>, or a date with a time.</summary>
internal static class KeyExpiry
{
    private const int MaxCount = 36_500; // A century of days.

    /// <returns>The time; null for no text.</returns>
    /// <exception cref="CommandException">The text says no time.</exception>
    public static DateTimeOffset? Parse(string? text, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return Span(text) is { } span ? now + span
            : DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at
            : throw CommandException.Usage($"'{text}' is no time: give days or hours such as 90d or 12h, or a date such as 2027-01-31");
    }

    /// <returns>The time span; null when the text is none.</returns>
    public static TimeSpan? Span(string text) =>
        int.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count <= MaxCount
            ? text[^1] switch { 'd' => TimeSpan.FromDays(count), 'h' => TimeSpan.FromHours(count), _ => null }
            : null;
}
