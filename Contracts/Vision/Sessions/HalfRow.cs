using System.Numerics.Tensors;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Vision.Sessions;

/// <summary>Rounding of a row of float32 to half, with what can go wrong as a value.</summary>
internal static class HalfRow
{
    /// <summary>Null, or why the row is of no use; then it is all zeros.</summary>
    public static string? Round(ReadOnlySpan<float> from, Span<Half> to)
    {
        TensorPrimitives.ConvertToHalf(from, to);
        var reason = Check(to);
        if (reason is not null)
        {
            to.Clear();
        }

        return reason;
    }

    /// <summary>The same for a row that is halves already.</summary>
    public static string? Copy(ReadOnlySpan<Half> from, Span<Half> to)
    {
        var reason = Check(from);
        if (reason is null)
        {
            from.CopyTo(to);
        }
        else
        {
            to.Clear();
        }

        return reason;
    }

    public static string? Check(ReadOnlySpan<Half> row)
    {
        var any = false;
        foreach (var value in row)
        {
            if (!Half.IsFinite(value))
            {
                return RejectReasons.NotFinite;
            }

            any |= value != Half.Zero;
        }

        return any ? null : RejectReasons.NoFeature;
    }
}
