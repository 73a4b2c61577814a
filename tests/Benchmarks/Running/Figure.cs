namespace CpfPipeline.Tests.Benchmarks.Running;

/// <summary>A measured number.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The number; the median when there were several runs.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record Figure(string Name, double Value, string Unit)
{
    /// <summary>The smallest of several runs.</summary>
    public double? Least { get; init; }

    /// <summary>The largest of several runs.</summary>
    public double? Most { get; init; }

    /// <summary>The goal in words, e.g. <c>&gt;= 0.85</c>; null for a figure that explains others.</summary>
    public string? Goal { get; init; }

    /// <summary>Whether the goal was reached; null without one.</summary>
    public bool? Met { get; init; }

    /// <summary>Median and spread of several runs.</summary>
    public static Figure Of(string name, IReadOnlyCollection<double> runs, string unit)
    {
        var sorted = runs.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Figure(name, median, unit) { Least = sorted[0], Most = sorted[^1] };
    }

    /// <summary>The same with a lower bound to reach.</summary>
    public Figure AtLeast(double bound) => this with { Goal = string.Create(Invariant, $">= {bound}"), Met = Value >= bound };

    /// <summary>The same with an upper bound to stay below.</summary>
    public Figure Below(double bound) => this with { Goal = string.Create(Invariant, $"< {bound}"), Met = Value < bound };

    private static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;
}
