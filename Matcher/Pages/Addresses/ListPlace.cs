using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>A place in a sorted list, as an address names it: what the list is sorted by and the id of the last row shown.</summary>
/// <typeparam name="TId">Type of the rows' ids.</typeparam>
/// <param name="Key">What the list is sorted by, of that row: a similarity, a count or a time.</param>
/// <param name="Id">Its id, which tells rows with the same key apart.</param>
public sealed record ListPlace<TId>(object Key, TId Id)
    where TId : struct, ISpanParsable<TId>, ISpanFormattable
{
    private const char Between = '~';

    // PostgreSQL keeps microseconds. Up to the year 9999.
    private const long MaxMicroseconds = 253_402_300_799L * 1_000_000;

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is no place in a list with such a key.</summary>
    /// <param name="text">The text.</param>
    /// <param name="key">What the list is sorted by.</param>
    public static ListPlace<TId>? Parse(string text, ListKey key)
    {
        var cut = text.LastIndexOf(Between);
        return cut > 0 && TId.TryParse(text.AsSpan(cut + 1), CultureInfo.InvariantCulture, out var id) && Key(text[..cut], key) is { } value
            ? new ListPlace<TId>(value, id) : null;

        static object? Key(string text, ListKey key) => key switch
        {
            ListKey.Similarity => double.TryParse(text, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                ? value : null,
            ListKey.Count => int.TryParse(text, CultureInfo.InvariantCulture, out var count) ? count : null,
            _ => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
                && microseconds <= MaxMicroseconds
                ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond) : null,
        };
    }

    public override string ToString()
    {
        var key = Key switch
        {
            double similarity => similarity.ToString("R", CultureInfo.InvariantCulture),
            int count => count.ToString(CultureInfo.InvariantCulture),
            DateTimeOffset at =>
                ((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"No list is sorted by {Key.GetType()}."),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{key}{Between}{Id}");
    }
}
