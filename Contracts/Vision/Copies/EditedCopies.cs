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
    /// <summary>Larger pictures are scaled down first; nobody needs copies of posters, and memory stays bounded.</summary>
    private const int LongestSide = 1600;

    private const int GoodQuality = 90;

    private static readonly CopyEdit[] All = Enum.GetValues<CopyEdit>();

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
        _ => throw new ArgumentOutOfRangeException(nameof(edit)),
    };

    /// <summary>A picture's edits, all different, in an order drawn from its bytes and the seed.</summary>
    /// <param name="bytes">The picture.</param>
    /// <param name="count">How many, at most the number of <see cref="CopyEdit"/>s.</param>
    /// <param name="seed">Another seed, other edits.</param>
    public static IReadOnlyList<CopyEdit> Choose(ReadOnlyMemory<byte> bytes, int count, int seed)
    {
        var draw = new Draws(bytes.Span, "choose", seed);
        var edits = (CopyEdit[])All.Clone();
        for (var i = edits.Length - 1; i > 0; i--)
        {
            var j = draw.Next(i + 1);
            (edits[i], edits[j]) = (edits[j], edits[i]);
        }

        return edits[..Math.Min(count, edits.Length)];
    }

    /// <summary>
    /// Makes one copy; null when the picture cannot be decoded. Check limits first with <see cref="ImageDecoder.Inspect"/>.
    /// </summary>
    public static EditedCopy? TryMake(ReadOnlyMemory<byte> bytes, CopyEdit edit, int seed)
    {
        VipsRuntime.EnsureStarted();
        if (ImageFormat.Of(bytes.Span) is not { } format)
        {
            return null;
        }

        var name = NameOf(edit);
        var draw = new Draws(bytes.Span, name, seed);
        try
        {
            using var file = new PictureFile(bytes, format);
            using var original = Rendering.Bounded(file, LongestSide, PictureHeader.Read(file.Source), Enums.FailOn.Truncated);
            using var pixels = RenderedPixels.Of(original);
            var raster = new RgbRaster(pixels.Width, pixels.Height, pixels.Span.ToArray());
            var quality = GoodQuality;
            if (edit is CopyEdit.Crop or CopyEdit.CropRescale or CopyEdit.CropWatermark)
            {
                raster = raster.Crop(draw.Between(.05, .10), draw.Between(.05, .10), draw.Between(.05, .10), draw.Between(.05, .10));
            }

            if (edit is CopyEdit.Rescale or CopyEdit.CropRescale)
            {
                raster = raster.Scale(draw.Between(.5, .8));
            }

            if (edit is CopyEdit.Watermark or CopyEdit.WatermarkRecompress or CopyEdit.CropWatermark)
            {
                Watermark.Draw(raster, draw);
            }

            if (edit is CopyEdit.Recompress or CopyEdit.CropRescale or CopyEdit.WatermarkRecompress)
            {
                quality = (int)draw.Between(35, 70);
            }

            return new EditedCopy(edit, name, raster.ToJpeg(quality));
        }
        catch (VipsException)
        {
            return null;
        }
    }

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
