using System.Buffers;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Vision.Decode;

/// <summary>Pixels at the model's input size. Owns what it is made of.</summary>
internal sealed class FramedPixels : IDisposable
{
    private readonly RenderedPixels _rendered;
    private readonly byte[]? _resized;
    private readonly int _length;

    /// <param name="rendered">As <see cref="Framing.Render"/> made it for this input.</param>
    /// <param name="spec">The input; a kernel that it names is followed here.</param>
    public FramedPixels(RenderedPixels rendered, InputSpec spec)
    {
        (_rendered, _length) = (rendered, spec.RowLength);
        if (spec.Kernel != ResizeKernel.Fast)
        {
            _resized = ArrayPool<byte>.Shared.Rent(_length);
            Resampling.Resize(rendered.Span, rendered.Width, rendered.Height, spec, _resized.AsSpan(0, _length));
        }
    }

    /// <summary>Red, green, blue, pixel after pixel.</summary>
    public ReadOnlySpan<byte> Rgb => _resized is null ? _rendered.Span : _resized.AsSpan(0, _length);

    public void Dispose()
    {
        if (_resized is not null)
        {
            ArrayPool<byte>.Shared.Return(_resized);
        }

        _rendered.Dispose();
    }
}
