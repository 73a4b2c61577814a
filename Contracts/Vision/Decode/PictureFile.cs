using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>A picture's bytes of a known format, as libvips reads them.</summary>
/// <param name="bytes">The file.</param>
/// <param name="format">One of <see cref="ImageFormat"/>'s names.</param>
internal sealed class PictureFile(ReadOnlyMemory<byte> bytes, string format) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes => bytes;

    public string Format => format;

    public Source Source { get; } = Source.NewFromMemory(bytes.Span);

    public void Dispose() => Source.Dispose();
}
