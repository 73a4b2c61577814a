using System.Globalization;
using CpfPipeline.Ingest.Streams;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Unpacked bytes, within a limit; what they come from is closed together with them.</summary>
/// <param name="inner">What is read.</param>
/// <param name="owner">What is closed with it.</param>
/// <param name="maxBytes">Maximum size; more of them fail.</param>
internal sealed class OwningStream(Stream inner, IDisposable owner, long maxBytes) : ReadOnlyStream
{
    private long _read;

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            owner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int length)
    {
        _read += length;
        return _read <= maxBytes
            ? length
            : throw new InvalidDataException(
                string.Create(CultureInfo.InvariantCulture, $"It unpacks to more than {maxBytes} bytes, the limit (Ingest:MaxFeedBytes)."));
    }
}
