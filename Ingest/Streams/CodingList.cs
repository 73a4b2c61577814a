using System.IO.Compression;

namespace CpfPipeline.Ingest.Streams;

/// <summary>The codings of a body, as few as any honest server applies.</summary>
internal static class CodingList
{
    /// <summary>The one coding that a reader may want to know the end of. x-gzip is its old name (RFC 9110, 8.4.1.3).</summary>
    public const string Gzip = "gzip";

    // One is usual; a second comes from a proxy. Thousands fit into the headers of an answer, and each is a pass over the body.
    private const int MaxCodings = 3;

    /// <summary>The codings in lower case, in the order in which they are to be undone.</summary>
    /// <param name="codings">Values of <c>Content-Encoding</c>, in the order in which they were applied.</param>
    /// <exception cref="NotSupportedException">They are too many.</exception>
    public static IReadOnlyList<string> ToUndo(IEnumerable<string> codings)
    {
        string[] applied = [.. codings.Select(c => c.Trim().ToLowerInvariant()).Where(c => c is not ("" or "identity"))
            .Select(c => c == "x-gzip" ? Gzip : c).Take(MaxCodings + 1)];
        return applied.Length > MaxCodings
            ? throw new NotSupportedException($"The body has more than {MaxCodings} encodings.")
            : [.. applied.Reverse()];
    }

    /// <summary>The body without a coding. Of gzip that was cut, the beginning.</summary>
    /// <param name="coding">As <see cref="ToUndo"/> gives it.</param>
    /// <param name="head">How the body begins: two bytes or more, unless it has fewer.</param>
    /// <param name="body">All of it, the head included; closed with the result.</param>
    /// <exception cref="NotSupportedException">The coding is not known.</exception>
    public static Stream Open(string coding, ReadOnlySpan<byte> head, Stream body) => coding switch
    {
        Gzip => new GZipStream(body, CompressionMode.Decompress),
        // RFC 9110 means zlib; some servers send deflate without its header.
        "deflate" when head is [var first, var second, ..] && (first & 0x0F) == 8 && ((first << 8) | second) % 31 == 0 =>
            new ZLibStream(body, CompressionMode.Decompress),
        "deflate" => new DeflateStream(body, CompressionMode.Decompress),
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        _ => throw new NotSupportedException($"The body has the unknown encoding {coding}."),
    };
}
