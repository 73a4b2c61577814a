using System.Globalization;
using CpfPipeline.Ingest.Images;

namespace CpfPipeline.Ingest.Submissions;

/// <summary>Revisions as producers write them.</summary>
internal static class RevisionText
{
    public const string Problem = "revision must be a 64-bit integer.";

    /// <summary>
    /// The revision, or null when the text is none. An integer may be written as a float (<c>6.0</c>, <c>6e3</c>), as pandas and
    /// spreadsheets do, as long as no digit is lost. The lowest 64-bit integer stands for no revision and is refused.
    /// </summary>
    public static long? Parse(string text)
    {
        text = text.Trim();
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number == ImageChange.NoRevision ? null : number;
        }

        const NumberStyles Float = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return decimal.TryParse(text, Float, CultureInfo.InvariantCulture, out var value)
            && value == decimal.Truncate(value) && value is > long.MinValue and <= long.MaxValue
            ? (long)value
            : null;
    }
}
