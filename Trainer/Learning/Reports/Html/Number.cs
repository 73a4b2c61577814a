using System.Globalization;

namespace CpfPipeline.Learning.Reports.Html;

/// <summary>Numbers as the page writes them, the same on every machine. What is not finite is a dash.</summary>
internal static class Number
{
    public const string None = "–";

    /// <summary>A share or a similarity: three decimals.</summary>
    public static string Share(double value) => Write(value, "0.000");

    /// <summary>A small variance: four decimals.</summary>
    public static string Spread(double value) => Write(value, "0.0000");

    public static string OneDecimal(double value) => Write(value, "#,0.0");

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => Write(100 * share, "0.#") + (double.IsFinite(share) ? "\u00a0%" : "");

    /// <summary>A number of pairs on an axis: 1, 10, 1k, 2M.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => Write(value / 1e9, "0.#") + "G",
        >= 1e6 => Write(value / 1e6, "0.#") + "M",
        >= 1e3 => Write(value / 1e3, "0.#") + "k",
        _ => Write(value, "0.##"),
    };

    public static string Write(double value, string format)
    {
        if (!double.IsFinite(value))
        {
            return None;
        }

        var text = value.ToString(format, CultureInfo.InvariantCulture);
        return text.StartsWith('-') && !text.AsSpan().ContainsAnyInRange('1', '9') ? text[1..] : text;
    }
}
