using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CpfPipeline.Hosting.Telemetry.Exposition;

/// <summary>Writes metrics in Prometheus' text format, version 0.0.4.</summary>
internal sealed class ExpositionWriter
{
    // Instruments of several meters may have one name. Their samples must stand together.
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    /// <summary>Who tells it: <c>target_info</c>.</summary>
    public void WriteTarget(IEnumerable<KeyValuePair<string, object>> attributes)
    {
        var labels = Labels(attributes.Select(a => new KeyValuePair<string, object?>(a.Key, a.Value)));
        Add("target_info", "gauge", "Who measures.").Sample("target_info", labels, 1);
    }

    /// <summary>Adds a metric with all its points.</summary>
    public void Write(Metric metric)
    {
        var isHistogram = metric.MetricType == MetricType.Histogram;
        var isCounter = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum;
        var name = PrometheusName.OfInstrument(metric.Name, metric.Unit, isCounter, isGauge: !isHistogram && !isCounter);
        var family = Add(name, isHistogram ? "histogram" : isCounter ? "counter" : "gauge", metric.Description);
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = Labels(point.Tags);
            if (isHistogram)
            {
                WriteHistogram(family, name, labels, in point);
            }
            else
            {
                family.Sample(name, labels, ValueOf(metric.MetricType, in point));
            }
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, family) in _families)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(family.Help, quotes: false)}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {family.Type}\n").Append(family.Samples);
        }

        return text.ToString();
    }

    private static double ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
        _ => throw new NotSupportedException($"Metrics of type {type} cannot be written: no view makes any."),
    };

    private static void WriteHistogram(Family family, string name, string labels, in MetricPoint point)
    {
        var separator = labels.Length == 0 ? "" : ",";
        long count = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            family.Sample($"{name}_bucket", $"{labels}{separator}le=\"{Number(bucket.ExplicitBound)}\"", count);
        }

        family.Sample($"{name}_sum", labels, point.GetHistogramSum());
        family.Sample($"{name}_count", labels, point.GetHistogramCount());
    }

    private static string Labels(ReadOnlyTagCollection tags)
    {
        var list = new List<KeyValuePair<string, object?>>(tags.Count);
        foreach (var tag in tags)
        {
            list.Add(tag);
        }

        return Labels(list);
    }

    private static string Labels(IEnumerable<KeyValuePair<string, object?>> tags) => string.Join(',', tags.Select(
        tag => $"{PrometheusName.OfLabel(tag.Key)}=\"{Escape(Text(tag.Value), quotes: true)}\""));

    private static string? Text(object? value) => value switch
    {
        true => "true", // As OTLP has it.
        false => "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static string Escape(string? text, bool quotes)
    {
        var escaped = (text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private Family Add(string name, string type, string? help)
    {
        if (!_families.TryGetValue(name, out var family))
        {
            _families[name] = family = new Family(type, help);
        }

        return family;
    }

    private sealed class Family(string type, string? help)
    {
        public string Type => type;

        public string? Help => help;

        public StringBuilder Samples { get; } = new();

        public void Sample(string name, string labels, double value)
        {
            Samples.Append(name);
            if (labels.Length > 0)
            {
                Samples.Append('{').Append(labels).Append('}');
            }

            Samples.Append(' ').Append(Number(value)).Append('\n');
        }
    }
}
