using System.Globalization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>Bodies of images, within a limit of bytes as received and as decoded.</summary>
internal static class BoundedBody
{
    private const int BufferBytes = 64 * 1024;
    private const int MaxBelievedBytes = 1024 * 1024;

    /// <summary>The bytes, or the reason for the refusal.</summary>
    /// <param name="body">As it comes; the caller disposes it.</param>
    /// <param name="announced">Its length as announced, or null.</param>
    /// <param name="codings">Values of <c>Content-Encoding</c>, in the order in which they were applied.</param>
    /// <param name="maxBytes">Maximum size of the body and of the result.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<FetchOutcome> ReadAsync(
        Stream body, long? announced, IEnumerable<string> codings, int maxBytes, CancellationToken cancellationToken)
    {
        if (announced > maxBytes)
        {
            return TooManyBytes(announced.Value, maxBytes);
        }

        // The announced length is trusted up to a megabyte. Beyond that the buffer grows with the bytes received.
        var buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(announced ?? BufferBytes, MaxBelievedBytes) + 1);
        var read = 0;
        while (await body.ReadAsync(buffer.AsMemory(read), cancellationToken) is var n and > 0)
        {
            read += n;
            if (read > maxBytes)
            {
                return TooManyBytes(read, maxBytes);
            }

            if (read == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, maxBytes + 1L));
            }
        }

        try
        {
            return ContentCoding.Decode(buffer[..read], codings, maxBytes, cancellationToken) is { } bytes
                ? FetchOutcome.Of(bytes)
                : TooManyBytes(maxBytes + 1L, maxBytes);
        }
        catch (NotSupportedException e)
        {
            return FetchOutcome.Refuse(RejectReasons.FetchFailed, e.Message);
        }
    }

    private static FetchOutcome TooManyBytes(long bytes, int maxBytes) =>
        FetchOutcome.Refuse(
            RejectReasons.TooManyBytes, string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes or more; the limit is {maxBytes}."));
}
