using System.Globalization;

namespace CpfPipeline.Vision.Models;

/// <summary>
/// What a backbone wants to see: <c>[N,3,H,W] float32</c>, each value <c>(x/divisor - mean) / std</c> of its colour.
/// </summary>
/// <param name="Height">Rows in pixels.</param>
/// <param name="Width">Columns in pixels.</param>
/// <param name="Resize">How pictures are brought to that size.</param>
/// <param name="Mean">Three means (R, G, B, whatever <see cref="Channels"/> is) of <c>x/divisor</c>.</param>
/// <param name="Std">Three standard deviations (R, G, B) of the same, above zero.</param>
public sealed record InputSpec(int Height, int Width, ResizeRule Resize, IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    /// <summary>The largest value of a pixel.</summary>
    public const double ByteRange = 255;

    /// <summary>
    /// Pixels of the shorter side before the centre is cut out, with <see cref="ResizeRule.ShorterSide"/>; at least height and width.
    /// Null: as few as cover both.
    /// </summary>
    public int? Edge { get; init; }

    /// <summary>How pixels become fewer or more.</summary>
    public ResizeKernel Kernel { get; init; }

    /// <summary>What values from 0 to 255 are divided by; 1 leaves them as they are.</summary>
    public double Divisor { get; init; } = ByteRange;

    /// <summary>Order of the planes.</summary>
    public ChannelOrder Channels { get; init; }

    /// <summary>float32 values of one picture: 3 x H x W.</summary>
    public int RowLength => 3 * Height * Width;

    public bool Equals(InputSpec? other) =>
        other is not null && Height == other.Height && Width == other.Width && Resize == other.Resize
        && Edge == other.Edge && Kernel == other.Kernel && Divisor.Equals(other.Divisor) && Channels == other.Channels
        && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    public override int GetHashCode() => HashCode.Combine(Height, Width, Resize, Edge, Kernel, Channels, Mean[0], Std[0]);

    /// <summary>As in a model file: <c>224</c> or <c>HxW</c>.</summary>
    public string SizeText => Height == Width
        ? Height.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");

    /// <summary>As in a model file: <c>bicubic</c>.</summary>
    public string KernelText => Kernel.ToString().ToLowerInvariant();

    /// <summary>As in a model file: <c>rgb</c>.</summary>
    public string ChannelsText => Channels.ToString().ToLowerInvariant();

    /// <summary>As in a model file: <c>squash</c> or <c>shorter-side</c>.</summary>
    public string ResizeText => Resize == ResizeRule.Squash ? "squash" : "shorter-side";
}
