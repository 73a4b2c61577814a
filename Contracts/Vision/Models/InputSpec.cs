using System.Globalization;

namespace CpfPipeline.Vision.Models;

/// <summary>
/// What a backbone wants to see: <c>[N,3,H,W] float32 RGB</c>, each value <c>(x/255 - mean) / std</c>.
/// </summary>
/// <param name="Height">Rows in pixels.</param>
/// <param name="Width">Columns in pixels.</param>
/// <param name="Resize">How pictures are brought to that size.</param>
/// <param name="Mean">Three means (R, G, B) on the 0..1 scale.</param>
/// <param name="Std">Three standard deviations (R, G, B) on the 0..1 scale, above zero.</param>
public sealed record InputSpec(int Height, int Width, ResizeRule Resize, IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    /// <summary>float32 values of one picture: 3 x H x W.</summary>
    public int RowLength => 3 * Height * Width;

    public bool Equals(InputSpec? other) =>
        other is not null && Height == other.Height && Width == other.Width && Resize == other.Resize
        && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    public override int GetHashCode() => HashCode.Combine(Height, Width, Resize, Mean[0], Std[0]);

    /// <summary>As in a model file: <c>224</c> or <c>HxW</c>.</summary>
    public string SizeText => Height == Width
        ? Height.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");

    /// <summary>As in a model file: <c>squash</c> or <c>shorter-side</c>.</summary>
    public string ResizeText => Resize == ResizeRule.Squash ? "squash" : "shorter-side";
}
