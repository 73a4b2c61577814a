using System.Globalization;

namespace CpfPipeline.Vocabulary;

/// <summary>Times as people are told them.</summary>
public static class ShownTime
{
    /// <summary>In UTC, to the minute: <c>2026-01-31 09:30 UTC</c>.</summary>
    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
