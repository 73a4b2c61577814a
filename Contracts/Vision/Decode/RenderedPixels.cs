using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>Opaque pixels, rendered by libvips into its own memory, so that no large array reaches the garbage collector.</summary>
internal sealed unsafe class RenderedPixels : IDisposable
{
    private readonly nint _memory;
    private readonly int _length;

    private RenderedPixels(nint memory, int length) => (_memory, _length) = (memory, length);

    /// <summary>Width in pixels.</summary>
    public int Width { get; private init; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; private init; }

    /// <summary>Red, green, blue, pixel after pixel.</summary>
    public ReadOnlySpan<byte> Span => new((void*)_memory, _length);

    /// <param name="image">8 bits in 3 bands, or in 4 with transparency, which is laid on its <see cref="Matte"/>.</param>
    public static RenderedPixels Of(Image image)
    {
        var memory = image.WriteToMemory(out var size);
        var length = checked((int)size);
        if (image.Bands == 4)
        {
            length = Matte.Flatten(new Span<byte>((void*)memory, length)).Length;
        }

        return new RenderedPixels(memory, length) { Width = image.Width, Height = image.Height };
    }

    public void Dispose() => NetVips.NetVips.Free(_memory);
}
