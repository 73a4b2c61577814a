using System.Numerics;

namespace CpfPipeline.Matching.Grouping;

/// <summary>Finds the few high values among many.</summary>
internal static class AtLeast
{
    /// <summary>
    /// The first index from <paramref name="from"/> on whose value is at least <paramref name="min"/>; the length if none is.
    /// </summary>
    public static int Next(ReadOnlySpan<float> values, int from, float min)
    {
        var i = from;
        var bound = new Vector<float>(min);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            if (Vector.GreaterThanOrEqualAny(new Vector<float>(values[i..]), bound))
            {
                break;
            }
        }

        while (i < values.Length && !(values[i] >= min))
        {
            i++;
        }

        return i;
    }
}
