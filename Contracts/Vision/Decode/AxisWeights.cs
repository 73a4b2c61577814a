using CpfPipeline.Vision.Models;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// Of which old pixels each new one is made along one axis. The kernel lies around the new pixel's centre and is as many times wider as
/// pixels become fewer; at the edges it is cut off. Weights are whole numbers that add up to about 1 &lt;&lt; <see cref="Bits"/>: a sum of
/// bytes times weights fits 32 bits.
/// </summary>
internal sealed class AxisWeights
{
    /// <summary>Binary places of a weight.</summary>
    public const int Bits = 22;

    private readonly int[] _from;
    private readonly int[][] _weights;

    /// <param name="old">Pixels there are.</param>
    /// <param name="size">Pixels they become.</param>
    /// <param name="first">The first of those that is wanted.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="kernel">Not <see cref="ResizeKernel.Fast"/>.</param>
    public AxisWeights(int old, int size, int first, int count, ResizeKernel kernel)
    {
        (_from, _weights) = (new int[count], new int[count][]);
        var scale = (double)old / size;
        for (var i = 0; i < count; i++)
        {
            var centre = (first + i + .5) * scale;
            (_from[i], _weights[i]) = kernel == ResizeKernel.Nearest
                ? (Math.Min((int)centre, old - 1), [1 << Bits])
                : Around(centre, Math.Max(scale, 1), old, kernel);
        }

        First = _from.Min();
        Span = Enumerable.Range(0, count).Max(i => _from[i] + _weights[i].Length) - First;
    }

    /// <summary>The first old pixel that is used.</summary>
    public int First { get; }

    /// <summary>How many old pixels are used from there on.</summary>
    public int Span { get; }

    /// <param name="i">Which of the wanted pixels.</param>
    /// <param name="from">The old pixel of the first weight.</param>
    public ReadOnlySpan<int> Of(int i, out int from)
    {
        from = _from[i];
        return _weights[i];
    }

    private static (int From, int[] Weights) Around(double centre, double stretch, int old, ResizeKernel kernel)
    {
        var reach = Reach(kernel) * stretch;
        var from = Math.Max(0, (int)(centre - reach + .5));
        var to = Math.Min(old, (int)(centre + reach + .5));
        var weights = new double[to - from];
        for (var j = 0; j < weights.Length; j++)
        {
            weights[j] = Weight(kernel, Math.Abs(from + j + .5 - centre) / stretch);
        }

        var sum = weights.Sum();
        return (from, [.. weights.Select(w => (int)Math.Round(w / sum * (1 << Bits), MidpointRounding.AwayFromZero))]);
    }

    private static int Reach(ResizeKernel kernel) => kernel switch
    {
        ResizeKernel.Bilinear => 1,
        ResizeKernel.Bicubic => 2,
        ResizeKernel.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(kernel)),
    };

    private static double Weight(ResizeKernel kernel, double x) => kernel switch
    {
        ResizeKernel.Bilinear => Math.Max(0, 1 - x),
        ResizeKernel.Bicubic => x < 1 ? (((1.5 * x) - 2.5) * x * x) + 1 : x < 2 ? (((((-.5 * x) + 2.5) * x) - 4) * x) + 2 : 0,
        _ => x < 3 ? Sinc(x) * Sinc(x / 3) : 0,
    };

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}
