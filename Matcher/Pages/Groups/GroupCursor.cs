using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A place in a list of groups: the last one shown.</summary>
/// <param name="Key">What the list is sorted by, of that group: a number or a time.</param>
/// <param name="GroupId">Its id.</param>
public sealed record GroupCursor(object Key, long GroupId)
{
    private const char Between = '~';

    // PostgreSQL keeps microseconds. Up to the year 9999.
    private const long MaxMicroseconds = 253_402_300_799L * 1_000_000;

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is no place in that order.</summary>
    public static GroupCursor? Parse(string text, GroupSort sort)
    {
        var cut = text.LastIndexOf(Between);
        if (cut <= 0 || !long.TryParse(text.AsSpan(cut + 1), CultureInfo.InvariantCulture, out var groupId))
        {
            return null;
        }

        var key = text[..cut];
        object? value = sort == GroupSort.Doubt ? Height(key) : sort == GroupSort.Size ? Size(key) : Time(key);
        return value is null ? null : new GroupCursor(value, groupId);
    }

    private static double? Height(string key) =>
        double.TryParse(key, CultureInfo.InvariantCulture, out var height) && double.IsFinite(height) ? height : null;

    private static int? Size(string key) => int.TryParse(key, CultureInfo.InvariantCulture, out var size) ? size : null;

    private static DateTimeOffset? Time(string key) =>
        long.TryParse(key, CultureInfo.InvariantCulture, out var microseconds) && microseconds is >= 0 and <= MaxMicroseconds
            ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond) : null;

    public override string ToString()
    {
        var key = Key switch
        {
            double height => height.ToString("R", CultureInfo.InvariantCulture),
            int size => size.ToString(CultureInfo.InvariantCulture),
            DateTimeOffset at =>
                ((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"No list is sorted by {Key.GetType()}."),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{key}{Between}{GroupId}");
    }
}
