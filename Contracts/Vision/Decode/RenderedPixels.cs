using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>Pixels rendered by libvips into its own memory, so that no large array reaches the garbage collector.</summary>
internal sealed unsafe class RenderedPixels : IDisposable
{
    private readonly nint _memory;
    private readonly int _length;

    private RenderedPixels(nint memory, int length) => (_memory, _length) = (memory, length);

    public static RenderedPixels Of(Image image)
    {
        var memory = image.WriteToMemory(out var size);
        return new RenderedPixels(memory, checked((int)size));
    }

    public ReadOnlySpan<byte> Span => new((void*)_memory, _length);

    public void Dispose() => NetVips.NetVips.Free(_memory);
}
