namespace CpfPipeline.Ingest.Streams;

/// <summary>A body without the codings that its server has applied, read piece by piece.</summary>
internal static class BodyStream
{
    private const int HeadBytes = 2;

    /// <summary>The plain body. A coding that the first bytes belie was not applied: some servers lie.</summary>
    /// <param name="body">As received.</param>
    /// <param name="codings">Values of <c>Content-Encoding</c>, in the order in which they were applied.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="NotSupportedException">A coding is not known, or there are too many.</exception>
    /// <exception cref="InvalidDataException">A coding was not applied to what another one gives.</exception>
    public static async Task<Stream> OpenAsync(Stream body, IEnumerable<string> codings, CancellationToken cancellationToken)
    {
        foreach (var coding in CodingList.ToUndo(codings))
        {
            var head = new byte[HeadBytes];
            var length = await ReadHeadAsync(body, head, cancellationToken);
            var whole = new ChainedStream(new MemoryStream(head, 0, length), body);
            body = coding != CodingList.Gzip ? CodingList.Open(coding, head.AsSpan(0, length), whole)
                : head is [0x1F, 0x8B] ? new WholeGzipStream(whole) : whole;
        }

        return body;
    }

    private static async Task<int> ReadHeadAsync(Stream body, byte[] head, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            // This is what brotli's stream says of bytes that are none.
            throw new InvalidDataException(e.Message, e);
        }
    }
}
