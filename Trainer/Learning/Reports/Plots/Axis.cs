using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>One axis: from data to drawing units, with its ticks and their labels.</summary>
internal sealed class Axis
{
    private readonly Func<double, double> _scale;
    private readonly Func<double, string> _label;

    private Axis(string title, double low, double high, Func<double, double> scale, IReadOnlyList<double> ticks, Func<double, string> label) =>
        (Title, Low, High, _scale, Ticks, _label) = (title, low, high, scale, ticks, label);

    /// <summary>What is measured, with its unit.</summary>
    public string Title { get; }

    public double Low { get; }

    public double High { get; }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Proportional. The range is widened when it is empty.</summary>
    public static Axis Linear(string title, double low, double high, int ticks = 5, Func<double, string>? label = null)
    {
        if (!(high > low))
        {
            (low, high) = (low - 0.5, high + 0.5);
        }

        var format = "#,0." + new string('0', Plots.Ticks.Decimals(Plots.Ticks.Step(low, high, ticks)));
        return new(title, low, high, v => v, Plots.Ticks.Linear(low, high, ticks), label ?? (v => Number.Write(v, format)));
    }

    /// <summary>Logarithmic with base 10; both ends above 0.</summary>
    public static Axis Log(string title, double low, double high, Func<double, string> label) =>
        new(title, low, high > low ? high : 10 * low, Math.Log10, Plots.Ticks.Powers(low, high > low ? high : 10 * low), label);

    /// <summary>Proportional, with a label at chosen places only.</summary>
    public static Axis Named(string title, double low, double high, IReadOnlyDictionary<double, string> names) =>
        new(title, low, high, v => v, [.. names.Keys.Order()], v => names[v]);

    public string LabelOf(double tick) => _label(tick);

    /// <summary>Where a value lies between two ends of the drawing; values beyond the axis lie at its end.</summary>
    public double Map(double value, double from, double to)
    {
        var (low, high) = (_scale(Low), _scale(High));
        return from + ((to - from) * (_scale(Math.Clamp(value, Low, High)) - low) / (high - low));
    }
}
