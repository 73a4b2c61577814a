namespace CpfPipeline.Ingest.Streams;

/// <summary>Streams read one after the other as if they were one.</summary>
/// <param name="parts">What is read; closed with this stream.</param>
internal sealed class ChainedStream(params Stream[] parts) : ReadOnlyStream
{
    private int _at;

    public override int Read(Span<byte> buffer)
    {
        while (_at < parts.Length && buffer.Length > 0)
        {
            if (parts[_at].Read(buffer) is var length and > 0)
            {
                return length;
            }

            _at++;
        }

        return 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_at < parts.Length && buffer.Length > 0)
        {
            if (await parts[_at].ReadAsync(buffer, cancellationToken) is var length and > 0)
            {
                return length;
            }

            _at++;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var part in disposing ? parts : [])
        {
            part.Dispose();
        }

        base.Dispose(disposing);
    }
}
