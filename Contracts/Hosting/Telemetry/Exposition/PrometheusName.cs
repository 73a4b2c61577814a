using System.Text;

namespace CpfPipeline.Hosting.Telemetry.Exposition;

/// <summary>
/// Names in Prometheus, by OpenTelemetry's rules, so that what is scraped is named as what a collector writes: dots become underscores, the
/// unit is a suffix, and a counter ends with <c>_total</c>.
/// </summary>
public static class PrometheusName
{
    /// <summary>Name of an instrument.</summary>
    /// <param name="name">E.g. <c>cpf.ingest.bytes</c>.</param>
    /// <param name="unit">UCUM, e.g. <c>s</c>, <c>By</c>; what is in braces is no unit.</param>
    /// <param name="isCounter">Whether it only rises.</param>
    /// <param name="isGauge">Whether it is a value as of now; a gauge of the unit 1 is a ratio.</param>
    public static string OfInstrument(string name, string? unit, bool isCounter, bool isGauge)
    {
        var text = Clean(name);
        var suffix = unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "%" => "percent",
            "1" => isGauge ? "ratio" : null,
            null or "" => null,
            ['{', ..] => null,
            _ => Clean(unit),
        };
        if (suffix is not null && !text.EndsWith(suffix, StringComparison.Ordinal))
        {
            text = $"{text}_{suffix}";
        }

        return isCounter && !text.EndsWith("_total", StringComparison.Ordinal) ? $"{text}_total" : text;
    }

    /// <summary>Name of a label.</summary>
    public static string OfLabel(string name) => Clean(name);

    private static string Clean(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            var kept = char.IsAsciiLetterOrDigit(c) ? c : '_';
            if (kept != '_' || text.Length == 0 || text[^1] != '_')
            {
                text.Append(kept);
            }
        }

        return text.Length > 0 && char.IsAsciiDigit(text[0]) ? $"_{text}" : text.ToString();
    }
}
