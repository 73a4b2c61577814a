using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// Bytes of a picture to the row of a batch tensor. Safe for any number of threads; each call uses one core.
/// </summary>
public sealed class ImageDecoder
{
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
        var outcome = CheckBytes(bytes.Span);
        if (!outcome.IsOk)
        {
            return outcome;
        }

        try
        {
            using var source = Source.NewFromMemory(bytes.Span);
            return CheckHeader(source, outcome.Format!, out _);
        }
        catch (VipsException e)
        {
            return VipsFailure.Explain(e, outcome, bytes.Span);
        }
    }

    /// <summary>
    /// Decodes, turns upright (EXIF), brings to 8-bit sRGB, lays transparency on white, resizes by the rule and normalises.
    /// A refused picture leaves <paramref name="row"/> as it was.
    /// </summary>
    /// <param name="bytes">The file.</param>
    /// <param name="spec">What the backbone wants.</param>
    /// <param name="row"><see cref="InputSpec.RowLength"/> floats, <c>[3,H,W]</c> RGB, normalised.</param>
    public DecodeOutcome Decode(ReadOnlyMemory<byte> bytes, InputSpec spec, Span<float> row)
    {
        if (row.Length != spec.RowLength)
        {
            throw new ArgumentException($"the row holds {row.Length} values, the model wants {spec.RowLength}", nameof(row));
        }

        var outcome = CheckBytes(bytes.Span);
        if (!outcome.IsOk)
        {
            return outcome;
        }

        Watchdog? watchdog = null;
        try
        {
            using var source = Source.NewFromMemory(bytes.Span);
            outcome = CheckHeader(source, outcome.Format!, out var hasProfile);
            if (!outcome.IsOk)
            {
                return outcome;
            }

            using var rendered = Rendering.Thumbnail(source, spec, outcome, hasProfile);
            using var guard = watchdog = new Watchdog(rendered, _limits.MaxDecodeTime, _time);
            using var pixels = RenderedPixels.Of(rendered);
            PlanarPixels.Convert(pixels.Span, spec, row);
            return outcome;
        }
        catch (VipsException) when (watchdog is { Fired: true })
        {
            return TookTooLong(outcome);
        }
        catch (VipsException e)
        {
            return VipsFailure.Explain(e, outcome, bytes.Span);
        }
    }

    /// <summary>A small WebP for a person to look at: upright, 8-bit sRGB on white, in its own aspect, without metadata.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="longestSide">Pixels of the longer side at most; smaller pictures keep their size.</param>
    /// <param name="webp">The thumbnail's file; empty when the picture is refused.</param>
    internal DecodeOutcome Thumbnail(ReadOnlyMemory<byte> bytes, int longestSide, out byte[] webp)
    {
        webp = [];
        var outcome = CheckBytes(bytes.Span);
        if (!outcome.IsOk)
        {
            return outcome;
        }

        Watchdog? watchdog = null;
        try
        {
            using var source = Source.NewFromMemory(bytes.Span);
            outcome = CheckHeader(source, outcome.Format!, out _);
            if (!outcome.IsOk)
            {
                return outcome;
            }

            using var rendered = Rendering.Bounded(source, longestSide);
            using var guard = watchdog = new Watchdog(rendered, _limits.MaxDecodeTime, _time);
            webp = rendered.WebpsaveBuffer(q: 82, keep: Enums.ForeignKeep.None);
            return outcome;
        }
        catch (VipsException) when (watchdog is { Fired: true })
        {
            return TookTooLong(outcome);
        }
        catch (VipsException e)
        {
            return VipsFailure.Explain(e, outcome, bytes.Span);
        }
    }

    private DecodeOutcome TookTooLong(DecodeOutcome header) => DecodeOutcome.Refused(
        RejectReasons.DecodeTimeout, $"decoding took longer than {_limits.MaxDecodeTime.TotalSeconds:0.###} s", header.Format, header.Width,
        header.Height);

    private DecodeOutcome CheckBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return DecodeOutcome.Refused(RejectReasons.EmptyFile, "the file is empty");
        }

        if (bytes.Length > _limits.MaxImageBytes)
        {
            return DecodeOutcome.Refused(
                RejectReasons.TooManyBytes, $"{bytes.Length} bytes, the limit is {_limits.MaxImageBytes}");
        }

        var format = ImageFormat.Of(bytes);
        return format is not null && _limits.Formats.Contains(format)
            ? DecodeOutcome.Ok(format, 0, 0)
            : DecodeOutcome.Refused(
                RejectReasons.UnsupportedFormat, $"not one of {string.Join(", ", _limits.Formats)} by its first bytes", format);
    }

    private DecodeOutcome CheckHeader(Source source, string format, out bool hasProfile)
    {
        using var header = Image.NewFromSource(source, access: Enums.Access.Sequential);
        hasProfile = Rendering.HasProfile(header);
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

        var frames = header.Contains("n-pages") ? (int)header.Get("n-pages") : 1;
        return frames > _limits.MaxFrames
            ? DecodeOutcome.Refused(
                RejectReasons.TooManyFrames, $"{frames} frames, the limit is {_limits.MaxFrames}", format, width, height)
            : DecodeOutcome.Ok(format, width, height);
    }
}
