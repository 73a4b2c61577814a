using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// 8-bit RGB, pixel after pixel, to float32, plane after plane: <c>(x/divisor - mean) / std</c> as one multiplication and one addition
/// (never fused, so every machine gives the same bits).
/// </summary>
internal static class PlanarPixels
{
    /// <param name="rgb">H*W*3 bytes.</param>
    /// <param name="spec">Gives divisor, mean, std and the order of planes.</param>
    /// <param name="destination">3*H*W floats, planes R, G, B or B, G, R.</param>
    public static void Convert(ReadOnlySpan<byte> rgb, InputSpec spec, Span<float> destination)
    {
        var pixels = rgb.Length / 3;
        if (destination.Length < 3 * pixels)
        {
            throw new ArgumentException("the row is shorter than the picture", nameof(destination));
        }

        var first = destination[..pixels];
        var last = destination.Slice(2 * pixels, pixels);
        var red = spec.Channels == ChannelOrder.Bgr ? last : first;
        var green = destination.Slice(pixels, pixels);
        var blue = spec.Channels == ChannelOrder.Bgr ? first : last;
        var (rs, rb) = Affine(spec, 0);
        var (gs, gb) = Affine(spec, 1);
        var (bs, bb) = Affine(spec, 2);
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i + 16 <= pixels; i += 16)
            {
                var a = Vector128.Create(rgb.Slice(3 * i, 16));
                var b = Vector128.Create(rgb.Slice((3 * i) + 16, 16));
                var c = Vector128.Create(rgb.Slice((3 * i) + 32, 16));
                Store(Pick(a, b, c, Red), rs, rb, red.Slice(i, 16));
                Store(Pick(a, b, c, Green), gs, gb, green.Slice(i, 16));
                Store(Pick(a, b, c, Blue), bs, bb, blue.Slice(i, 16));
            }
        }

        for (; i < pixels; i++)
        {
            red[i] = (rgb[3 * i] * rs) + rb;
            green[i] = (rgb[(3 * i) + 1] * gs) + gb;
            blue[i] = (rgb[(3 * i) + 2] * bs) + bb;
        }
    }

    internal static (float Scale, float Bias) Affine(InputSpec spec, int channel) =>
        ((float)(1.0 / (spec.Divisor * spec.Std[channel])), (float)(-(double)spec.Mean[channel] / spec.Std[channel]));

    private static readonly Picks Red = new(0);
    private static readonly Picks Green = new(1);
    private static readonly Picks Blue = new(2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pick(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c, Picks picks) =>
        Vector128.Shuffle(a, picks.A) | Vector128.Shuffle(b, picks.B) | Vector128.Shuffle(c, picks.C);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<byte> values, float scale, float bias, Span<float> to)
    {
        var (low, high) = Vector128.Widen(values);
        var (w0, w1) = Vector128.Widen(low);
        var (w2, w3) = Vector128.Widen(high);
        var s = Vector128.Create(scale);
        var o = Vector128.Create(bias);
        ((Vector128.ConvertToSingle(w0.AsInt32()) * s) + o).CopyTo(to);
        ((Vector128.ConvertToSingle(w1.AsInt32()) * s) + o).CopyTo(to[4..]);
        ((Vector128.ConvertToSingle(w2.AsInt32()) * s) + o).CopyTo(to[8..]);
        ((Vector128.ConvertToSingle(w3.AsInt32()) * s) + o).CopyTo(to[12..]);
    }

    /// <summary>Where the 16 values of one channel lie in 48 bytes; an index past 15 gives zero, so three shuffles are or-ed.</summary>
    private sealed class Picks
    {
        public readonly Vector128<byte> A, B, C;

        public Picks(int channel)
        {
            Span<byte> a = stackalloc byte[16], b = stackalloc byte[16], c = stackalloc byte[16];
            for (var i = 0; i < 16; i++)
            {
                var at = (3 * i) + channel;
                a[i] = at < 16 ? (byte)at : (byte)255;
                b[i] = at is >= 16 and < 32 ? (byte)(at - 16) : (byte)255;
                c[i] = at >= 32 ? (byte)(at - 32) : (byte)255;
            }

            (A, B, C) = (Vector128.Create<byte>(a), Vector128.Create<byte>(b), Vector128.Create<byte>(c));
        }
    }
}
