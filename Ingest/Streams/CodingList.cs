namespace CpfPipeline.Ingest.Streams;

/// <summary>The codings of a body, as few as any honest server applies.</summary>
internal static class CodingList
{
    // One is usual; a second comes from a proxy. Thousands fit into the headers of an answer, and each is a pass over the body.
    private const int MaxCodings = 3;

    /// <summary>The codings in lower case, in the order in which they are to be undone.</summary>
    /// <param name="codings">Values of <c>Content-Encoding</c>, in the order in which they were applied.</param>
    /// <exception cref="NotSupportedException">They are too many.</exception>
    public static IReadOnlyList<string> ToUndo(IEnumerable<string> codings)
    {
        string[] applied = [.. codings.Select(c => c.Trim().ToLowerInvariant()).Where(c => c is not ("" or "identity"))
            .Take(MaxCodings + 1)];
        return applied.Length > MaxCodings
            ? throw new NotSupportedException($"The body has more than {MaxCodings} encodings.")
            : [.. applied.Reverse()];
    }
}
