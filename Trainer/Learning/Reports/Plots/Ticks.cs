namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>Round numbers for an axis.</summary>
internal static class Ticks
{
    /// <summary>The 1, 2 or 5 times a power of ten that cuts a range into about <paramref name="count"/> parts.</summary>
    public static double Step(double low, double high, int count)
    {
        var rough = (high - low) / Math.Max(1, count);
        if (!double.IsFinite(rough) || rough <= 0)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { < 1.5 => power, < 3.5 => 2 * power, < 7.5 => 5 * power, _ => 10 * power };
    }

    /// <summary>Multiples of a round step within the range, its ends included where they are such multiples.</summary>
    public static IReadOnlyList<double> Linear(double low, double high, int count = 5)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || high < low)
        {
            return [];
        }

        if (high == low)
        {
            return [low];
        }

        var step = Step(low, high, count);
        var first = Math.Ceiling((low / step) - 1e-9);
        var last = Math.Floor((high / step) + 1e-9);
        var ticks = new List<double>();
        for (var i = first; i <= last && ticks.Count < 100; i++)
        {
            ticks.Add(Decimal(i, step));
        }

        return ticks;
    }

    /// <summary>Powers of ten within the range, every second or third of them when there are more than <paramref name="count"/>.</summary>
    public static IReadOnlyList<double> Powers(double low, double high, int count = 7)
    {
        if (!(low > 0) || !double.IsFinite(high) || high < low)
        {
            return [];
        }

        var first = (int)Math.Ceiling(Math.Log10(low) - 1e-9);
        var last = (int)Math.Floor(Math.Log10(high) + 1e-9);
        var every = Math.Max(1, (int)Math.Ceiling((last - first + 1) / (double)Math.Max(1, count)));
        return [.. Enumerable.Range(0, Math.Max(0, last - first + 1)).Where(i => i % every == 0).Select(i => Math.Pow(10, first + i))];
    }

    /// <summary>Decimals that tell ticks of this step apart.</summary>
    public static int Decimals(double step) => step > 0 && double.IsFinite(step) ? Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 10) : 0;

    // 3 x 0.1 is 0.30000000000000004: rounded to the step's decimals the number is the one that the label says.
    private static double Decimal(double multiple, double step) => step < 1 ? Math.Round(multiple * step, Math.Min(15, Decimals(step))) : multiple * step;
}
