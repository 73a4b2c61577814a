using System.Buffers;
using System.Numerics;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// Brings opaque pixels to a model's size by the kernel that the model names. In whole numbers, so that every machine gives the same
/// bytes; within 1 of 255 of what the Python Imaging Library gives, which most networks were trained with.
/// </summary>
internal static class Resampling
{
    private const int Half = 1 << (AxisWeights.Bits - 1);

    /// <param name="rgb">Red, green, blue, pixel after pixel.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="spec">Size, rule, edge and kernel.</param>
    /// <param name="destination">Red, green, blue, pixel after pixel, at the model's size.</param>
    public static void Resize(ReadOnlySpan<byte> rgb, int width, int height, InputSpec spec, Span<byte> destination)
    {
        var size = Framing.SizeOf(spec, width, height);
        var across = new AxisWeights(width, size.Width, (size.Width - spec.Width) / 2, spec.Width, spec.Kernel);
        var down = new AxisWeights(height, size.Height, (size.Height - spec.Height) / 2, spec.Height, spec.Kernel);
        var row = 3 * spec.Width;

        // Along the rows first, with whole bytes between: as the library does it, to which overshoot at hard edges makes a difference.
        var (narrow, sums) = (ArrayPool<byte>.Shared.Rent(row * down.Span), ArrayPool<int>.Shared.Rent(row));
        try
        {
            for (var y = 0; y < down.Span; y++)
            {
                Across(rgb.Slice((down.First + y) * 3 * width, 3 * width), across, narrow.AsSpan(y * row, row));
            }

            for (var y = 0; y < spec.Height; y++)
            {
                Down(narrow, down, y, sums.AsSpan(0, row), destination.Slice(y * row, row));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(narrow);
            ArrayPool<int>.Shared.Return(sums);
        }
    }

    private static void Across(ReadOnlySpan<byte> line, AxisWeights across, Span<byte> row)
    {
        for (var x = 0; x < row.Length / 3; x++)
        {
            var weights = across.Of(x, out var from);
            var (red, green, blue) = (Half, Half, Half);
            var at = 3 * from;
            foreach (var weight in weights)
            {
                red += weight * line[at];
                green += weight * line[at + 1];
                blue += weight * line[at + 2];
                at += 3;
            }

            (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = (Clip(red), Clip(green), Clip(blue));
        }
    }

    private static void Down(ReadOnlySpan<byte> narrow, AxisWeights down, int y, Span<int> sums, Span<byte> row)
    {
        sums.Fill(Half);
        var weights = down.Of(y, out var from);
        for (var i = 0; i < weights.Length; i++)
        {
            Add(narrow.Slice((from - down.First + i) * row.Length, row.Length), weights[i], sums);
        }

        for (var i = 0; i < row.Length; i++)
        {
            row[i] = Clip(sums[i]);
        }
    }

    private static void Add(ReadOnlySpan<byte> values, int weight, Span<int> sums)
    {
        var i = 0;
        for (; i + Vector<byte>.Count <= values.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(values[i..]), out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            Into(first, weight, sums[i..]);
            Into(second, weight, sums[(i + Vector<int>.Count)..]);
            Into(third, weight, sums[(i + (2 * Vector<int>.Count))..]);
            Into(fourth, weight, sums[(i + (3 * Vector<int>.Count))..]);
        }

        for (; i < values.Length; i++)
        {
            sums[i] += weight * values[i];
        }
    }

    private static void Into(Vector<uint> values, int weight, Span<int> sums) =>
        (new Vector<int>(sums) + (Vector.AsVectorInt32(values) * weight)).CopyTo(sums);

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> AxisWeights.Bits, 0, 255);
}
