using CpfPipeline.Vision.Integrity;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>Decodes within this process, by libvips. Safe for any number of threads. Each call uses one core.</summary>
public sealed class ImageDecoder : IPictureDecoder
{
    private const int Quality = 82;

    // The least. More gains little: 26 ms and 154 kB for a photograph of 960 px, 94 ms and 141 kB at libwebp's default of 4 (measured).
    private const int Effort = 0;

    private readonly ImageLimits _limits;
    private readonly TimeProvider _time;

    /// <param name="limits">What a picture may cost.</param>
    /// <param name="time">Clock of the decode time limit.</param>
    public ImageDecoder(ImageLimits limits, TimeProvider time)
    {
        VipsRuntime.EnsureStarted();
        _limits = limits;
        _time = time;
    }

    /// <summary>
    /// Reads the header only: size, format and frames against the limits. Allocates nothing that grows with the picture's pixels.
    /// </summary>
    public DecodeOutcome Inspect(ReadOnlyMemory<byte> bytes)
    {
        var outcome = FirstBytes.Check(bytes.Span, _limits);
        if (!outcome.IsOk)
        {
            return outcome;
        }

        using var file = new PictureFile(bytes, outcome.Format!);
        return CheckHeader(file, out _);
    }

    public DecodeOutcome Decode(ReadOnlyMemory<byte> bytes, InputSpec spec, Span<float> row)
    {
        if (row.Length != spec.RowLength)
        {
            throw new ArgumentException($"the row holds {row.Length} values, the model wants {spec.RowLength}", nameof(row));
        }

        var outcome = Frame(bytes, spec, out var framed);
        using var pixels = framed;
        if (pixels is not null)
        {
            PlanarPixels.Convert(pixels.Rgb, spec, row);
        }

        return outcome;
    }

    /// <summary>The same, but not normalised: <see cref="PlanarPixels.Convert"/> makes the row of it.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="spec">Its size, rule and kernel are followed.</param>
    /// <param name="rgb"><see cref="InputSpec.RowLength"/> bytes: red, green, blue, pixel after pixel.</param>
    internal DecodeOutcome Pixels(ReadOnlyMemory<byte> bytes, InputSpec spec, Span<byte> rgb)
    {
        var outcome = Frame(bytes, spec, out var framed);
        using var pixels = framed;
        pixels?.Rgb.CopyTo(rgb);
        return outcome;
    }

    public DecodeOutcome Thumbnail(ReadOnlyMemory<byte> bytes, int longestSide, out byte[] webp)
    {
        webp = [];
        var outcome = Render(bytes, (file, header, failOn) => Rendering.Bounded(file, longestSide, header, failOn), out var rendered);
        using var pixels = rendered;
        if (pixels is not null)
        {
            using var raw = Image.NewFromMemoryCopy(pixels.Span, pixels.Width, pixels.Height, 3, Enums.BandFormat.Uchar);
            using var image = raw.Copy(interpretation: Enums.Interpretation.Srgb);
            webp = image.WebpsaveBuffer(q: Quality, effort: Effort, keep: Enums.ForeignKeep.None);
        }

        return outcome;
    }

    public DecodeOutcome Bounded(ReadOnlyMemory<byte> bytes, int longestSide, out BoundedPixels? pixels)
    {
        var outcome = Render(
            bytes, (file, header, _) => Rendering.Bounded(file, longestSide, header, Enums.FailOn.Truncated), out var rendered);
        using var made = rendered;
        pixels = made is null ? null : new BoundedPixels(made.Width, made.Height, made.Span.ToArray());
        return outcome;
    }

    private DecodeOutcome Frame(ReadOnlyMemory<byte> bytes, InputSpec spec, out FramedPixels? pixels)
    {
        var outcome = Render(bytes, (file, header, failOn) => Framing.Render(file, spec, header, failOn), out var rendered);
        pixels = rendered is null ? null : new FramedPixels(rendered, spec);
        return pixels is not null && BlankPicture.Is(pixels.Rgb) ? outcome.AsBlank() : outcome;
    }

    private delegate Image Pipeline(PictureFile file, PictureHeader header, Enums.FailOn failOn);

    /// <summary>The pixels, or null and the reason.</summary>
    private DecodeOutcome Render(ReadOnlyMemory<byte> bytes, Pipeline pipeline, out RenderedPixels? pixels)
    {
        pixels = null;
        var outcome = FirstBytes.Check(bytes.Span, _limits);
        if (!outcome.IsOk)
        {
            return outcome;
        }

        var format = outcome.Format!;
        using var file = new PictureFile(bytes, format);
        outcome = CheckHeader(file, out var header);
        if (!outcome.IsOk)
        {
            return outcome;
        }

        if (FileCheck.BeforeDecoding(format, bytes.Span) is { } missing)
        {
            return Refuse(missing, outcome);
        }

        if (Try(file, header, pipeline, FileCheck.Strictness(format), outcome, out pixels) is { } done)
        {
            if (pixels is null || FileCheck.AfterDecoding(format, bytes.Span, header, pixels) is not { } hidden)
            {
                return done;
            }

            pixels.Dispose();
            pixels = null;
            return Refuse(hidden, outcome);
        }

        // This comes last because following every code takes time.
        if (FileCheck.AfterRefusal(format, bytes.Span) is { } damage)
        {
            return Refuse(damage, outcome);
        }

        return FileCheck.Leniency(format) is { } leniency
            && Try(file, header, pipeline, leniency, outcome, out pixels) is { } let
            ? let
            : Refuse(FileCheck.OfPixels(format), outcome);
    }

    /// <summary>Null when the loader refuses.</summary>
    private DecodeOutcome? Try(
        PictureFile file, PictureHeader header, Pipeline pipeline, Enums.FailOn failOn, DecodeOutcome outcome, out RenderedPixels? pixels)
    {
        pixels = null;
        Watchdog? watchdog = null;
        try
        {
            using var image = pipeline(file, header, failOn);
            using var guard = watchdog = new Watchdog(image, _limits.MaxDecodeTime, _time);
            pixels = RenderedPixels.Of(image);
            return outcome;
        }
        catch (VipsException) when (watchdog is { Fired: true })
        {
            return TookTooLong(outcome);
        }
        catch (VipsException)
        {
            return null;
        }
    }

    private static DecodeOutcome Refuse(Damage damage, DecodeOutcome known) => DecodeOutcome.Refused(
        damage.Reason, damage.Detail, known.Format, known.Width, known.Height);

    private DecodeOutcome TookTooLong(DecodeOutcome header) => DecodeOutcome.Refused(
        RejectReasons.DecodeTimeout, $"decoding took longer than {_limits.MaxDecodeTime.TotalSeconds:0.###} s", header.Format, header.Width,
        header.Height);

    private DecodeOutcome CheckHeader(PictureFile file, out PictureHeader header)
    {
        var format = file.Format;
        try
        {
            header = PictureHeader.Read(file.Source);
        }
        catch (VipsException)
        {
            header = default;
            return Refuse(FileCheck.OfHeader(format, file.Bytes.Span), DecodeOutcome.Ok(format, 0, 0));
        }

        var (width, height) = (header.Width, header.Height);
        if ((long)width * height > _limits.MaxPixels)
        {
            return DecodeOutcome.Refused(
                RejectReasons.TooManyPixels, $"{width} x {height} pixels, the limit is {_limits.MaxPixels}", format, width, height);
        }

        if (Math.Min(width, height) < _limits.MinSide)
        {
            return DecodeOutcome.Refused(
                RejectReasons.TooSmall, $"{width} x {height} pixels, the shortest side allowed is {_limits.MinSide}", format, width,
                height);
        }

        return header.Frames > _limits.MaxFrames
            ? DecodeOutcome.Refused(
                RejectReasons.TooManyFrames, $"{header.Frames} frames, the limit is {_limits.MaxFrames}", format, width, height)
            : DecodeOutcome.Ok(format, width, height);
    }
}
