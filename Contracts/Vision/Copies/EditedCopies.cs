using System.Buffers.Binary;
using System.Security.Cryptography;
using CpfPipeline.Vision.Decode;
using NetVips;

namespace CpfPipeline.Vision.Copies;

/// <summary>
/// Edited copies of pictures: the same product photo as another seller would reuse it. What is done depends on the bytes, the edit
/// and the seed alone, so calibration and demonstrations can be repeated.
/// </summary>
public static class EditedCopies
{
    /// <summary>Larger pictures are scaled down first. Copies of poster size are not needed, and memory stays bounded.</summary>
    public const int LongestSide = 1600;

    private const int GoodQuality = 90;

    private static readonly CopyEdit[] Everything = Enum.GetValues<CopyEdit>();

    /// <summary>The mildest seven: what a reseller's own tools do to every picture.</summary>
    public static IReadOnlyList<CopyEdit> Mild { get; } = Everything[..((int)CopyEdit.CropWatermark + 1)];

    /// <summary>All edits, those that are meant to hide where a picture comes from too.</summary>
    public static IReadOnlyList<CopyEdit> All => Everything;

    /// <summary>The edit as it goes into file names.</summary>
    public static string NameOf(CopyEdit edit) => edit switch
    {
        CopyEdit.Rescale => "rescale",
        CopyEdit.Recompress => "recompress",
        CopyEdit.Crop => "crop",
        CopyEdit.Watermark => "watermark",
        CopyEdit.CropRescale => "crop-rescale",
        CopyEdit.WatermarkRecompress => "watermark-recompress",
        CopyEdit.CropWatermark => "crop-watermark",
        CopyEdit.Tone => "tone",
        CopyEdit.Tint => "tint",
        CopyEdit.Pad => "pad",
        CopyEdit.Rotate => "rotate",
        CopyEdit.Blur => "blur",
        CopyEdit.Mirror => "mirror",
        CopyEdit.Overlay => "overlay",
        CopyEdit.Screenshot => "screenshot",
        CopyEdit.CropTone => "crop-tone",
        CopyEdit.MirrorPad => "mirror-pad",
        _ => throw new ArgumentOutOfRangeException(nameof(edit)),
    };

    /// <summary>A picture's edits, all different, in an order drawn from its bytes and the seed.</summary>
    /// <param name="bytes">The picture.</param>
    /// <param name="count">How many, at most the number of edits to choose among.</param>
    /// <param name="seed">Another seed, other edits.</param>
    /// <param name="among">The edits to choose among, such as <see cref="Mild"/> or <see cref="All"/>.</param>
    public static IReadOnlyList<CopyEdit> Choose(ReadOnlyMemory<byte> bytes, int count, int seed, IReadOnlyList<CopyEdit> among)
    {
        var draw = new Draws(bytes.Span, "choose", seed);
        CopyEdit[] edits = [.. among];
        for (var i = edits.Length - 1; i > 0; i--)
        {
            var j = draw.Next(i + 1);
            (edits[i], edits[j]) = (edits[j], edits[i]);
        }

        return edits[..Math.Min(count, edits.Length)];
    }

    /// <summary>Makes one copy; null when the picture cannot be decoded, or is too small for the edit.</summary>
    /// <param name="decoder">Decodes the picture; the edit itself sees its pixels only.</param>
    /// <param name="bytes">The picture.</param>
    /// <param name="edit">What is done to it.</param>
    /// <param name="seed">Another seed, another copy.</param>
    public static EditedCopy? TryMake(IPictureDecoder decoder, ReadOnlyMemory<byte> bytes, CopyEdit edit, int seed) =>
        decoder.Bounded(bytes, LongestSide, out var pixels).IsOk ? TryMake(pixels!, bytes, edit, seed) : null;

    /// <summary>The same of a picture that was decoded already, with sides of <see cref="LongestSide"/> at most.</summary>
    public static EditedCopy? TryMake(BoundedPixels pixels, ReadOnlyMemory<byte> bytes, CopyEdit edit, int seed)
    {
        VipsRuntime.EnsureStarted();
        var name = NameOf(edit);
        var draw = new Draws(bytes.Span, name, seed);
        try
        {
            // A copy of the pixels: edits draw into them.
            var raster = new RgbRaster(pixels.Width, pixels.Height, [.. pixels.Rgb]);
            return new EditedCopy(edit, name, Apply(raster, edit, draw).ToJpeg(QualityOf(edit, draw)));
        }
        catch (VipsException)
        {
            return null;
        }
    }

    private static int QualityOf(CopyEdit edit, Draws draw) => edit switch
    {
        CopyEdit.Recompress or CopyEdit.CropRescale or CopyEdit.WatermarkRecompress or CopyEdit.CropTone or CopyEdit.MirrorPad =>
            (int)draw.Between(35, 70),
        CopyEdit.Screenshot => (int)draw.Between(60, 85),
        _ => GoodQuality,
    };

    private static RgbRaster Apply(RgbRaster raster, CopyEdit edit, Draws draw) => edit switch
    {
        CopyEdit.Rescale => raster.Scale(draw.Between(.5, .8)),
        CopyEdit.Recompress => raster,
        CopyEdit.Crop => Cropped(raster, .05, .10, draw),
        CopyEdit.Watermark or CopyEdit.WatermarkRecompress => Watermark.Draw(raster, draw),
        CopyEdit.CropRescale => Cropped(raster, .05, .10, draw).Scale(draw.Between(.5, .8)),
        CopyEdit.CropWatermark => Watermark.Draw(Cropped(raster, .05, .10, draw), draw),
        CopyEdit.Tone => ColourChange.Tone(raster, draw),
        CopyEdit.Tint => ColourChange.Tint(raster, draw),
        CopyEdit.Pad => Canvas.Pad(raster, draw),
        CopyEdit.Rotate => Canvas.Rotate(raster, draw),
        CopyEdit.Blur => raster.Blur(Math.Min(raster.Width, raster.Height) * draw.Between(.005, .012)),
        CopyEdit.Mirror => raster.Mirror(),
        CopyEdit.Overlay => PriceTag.Draw(raster, draw),
        CopyEdit.Screenshot => Canvas.Screenshot(raster, draw),
        CopyEdit.CropTone => ColourChange.Tone(Cropped(raster, .10, .20, draw), draw),
        CopyEdit.MirrorPad => Canvas.Pad(raster.Mirror(), draw),
        _ => throw new ArgumentOutOfRangeException(nameof(edit)),
    };

    private static RgbRaster Cropped(RgbRaster raster, double min, double max, Draws draw) =>
        raster.Crop(draw.Between(min, max), draw.Between(min, max), draw.Between(min, max), draw.Between(min, max));

    /// <summary>Numbers drawn from SHA-256 of the bytes, a purpose and a seed (counter mode).</summary>
    internal sealed class Draws
    {
        private readonly byte[] _state;
        private uint _count;

        public Draws(ReadOnlySpan<byte> bytes, string purpose, int seed)
        {
            _state = new byte[32 + 8];
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(bytes);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(purpose));
            Span<byte> s = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(s, seed);
            hash.AppendData(s);
            hash.GetHashAndReset(_state.AsSpan(0, 32));
        }

        /// <summary>In [0, 1).</summary>
        public double Next()
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_state.AsSpan(32), _count++);
            return (BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(_state)) >> 11) * (1.0 / (1UL << 53));
        }

        public double Between(double low, double high) => low + ((high - low) * Next());

        public int Next(int below) => (int)(Next() * below);
    }
}
