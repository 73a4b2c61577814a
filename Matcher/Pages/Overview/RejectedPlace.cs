using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>A place in the list of refused pictures: the last one shown.</summary>
/// <param name="At">When it was refused.</param>
/// <param name="ImageId">The image.</param>
public sealed record RejectedPlace(DateTimeOffset At, Guid ImageId)
{
    private const char Between = '~';

    // PostgreSQL keeps microseconds. Up to the year 9999.
    private const long MaxMicroseconds = 253_402_300_799L * 1_000_000;

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is no place.</summary>
    public static RejectedPlace? Parse(string text)
    {
        var cut = text.IndexOf(Between, StringComparison.Ordinal);
        return cut > 0 && long.TryParse(text.AsSpan(0, cut), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds <= MaxMicroseconds && Guid.TryParse(text.AsSpan(cut + 1), out var imageId)
            ? new RejectedPlace(DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), imageId) : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}{Between}{ImageId}");
}
