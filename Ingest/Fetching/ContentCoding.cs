using CpfPipeline.Ingest.Sniffing;
using CpfPipeline.Ingest.Streams;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>Bodies that a server has compressed, whether it was asked to or not.</summary>
internal static class ContentCoding
{
    /// <summary>The body without its codings. Of one that was cut, the beginning: the picture's own format tells what is missing.</summary>
    /// <param name="body">As received.</param>
    /// <param name="codings">Values of <c>Content-Encoding</c>, in the order in which they were applied.</param>
    /// <param name="maxBytes">Maximum size of the result.</param>
    /// <returns>The bytes; null when they are more than the maximum.</returns>
    /// <param name="cancellationToken">Cancels, between two pieces of what is decoded.</param>
    /// <exception cref="NotSupportedException">A coding is not known, or there are too many.</exception>
    public static byte[]? Decode(byte[] body, IEnumerable<string> codings, int maxBytes, CancellationToken cancellationToken = default)
    {
        foreach (var coding in CodingList.ToUndo(codings))
        {
            // Some servers lie: what is a picture already was not compressed.
            if (HeaderSniffer.IsPicture(body))
            {
                continue;
            }

            try
            {
                using var stream = CodingList.Open(coding, body, new MemoryStream(body));
                if (Read(stream, maxBytes, cancellationToken) is not { } decoded)
                {
                    return null;
                }

                body = decoded;
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException) // the latter from brotli
            {
                return body; // Not compressed either. What it is shows in its first bytes.
            }
        }

        return body;
    }

    private static byte[]? Read(Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        using var decoded = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (ReadSome(stream, buffer, isFirst: decoded.Length == 0) is var length and > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (decoded.Length + length > maxBytes)
            {
                return null;
            }

            decoded.Write(buffer, 0, length);
        }

        return decoded.ToArray();
    }

    // What follows an error, or is missing, is the end.
    private static int ReadSome(Stream stream, byte[] buffer, bool isFirst)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception e) when (!isFirst && (e is InvalidDataException or InvalidOperationException))
        {
            return 0;
        }
    }
}
