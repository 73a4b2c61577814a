using System.Globalization;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// What reading a feed brings to light besides its rows: how far its file was read, and what it holds that nobody would notice otherwise,
/// how often, with the first examples.
/// </summary>
internal sealed class FeedFindings
{
    private const int MaxExamples = 3;
    private const int MaxExampleLength = 200;
    private readonly Dictionary<string, (long Count, List<string> Examples)> _found = new(StringComparer.Ordinal);

    /// <summary>Maximum size of a compressed file once it is unpacked.</summary>
    public long MaxUnpackedBytes { get; init; } = long.MaxValue;

    /// <summary>Bytes of the feed's file that were read so far, as it is stored.</summary>
    public long BytesRead { get; set; }

    /// <summary>Notes an example.</summary>
    /// <param name="what">What there is several of, as the end of a sentence that begins with their number.</param>
    /// <param name="example">A name.</param>
    public void Add(string what, string example)
    {
        var (count, examples) = _found.GetValueOrDefault(what, (0, []));
        if (examples.Count < MaxExamples)
        {
            examples.Add(example.Length <= MaxExampleLength ? example : example[..MaxExampleLength] + "...");
        }

        _found[what] = (count + 1, examples);
    }

    /// <summary>One sentence for each kind.</summary>
    public IReadOnlyList<string> Sentences() =>
        [.. _found.Select(f => string.Create(
            CultureInfo.InvariantCulture,
            $"{f.Value.Count} {f.Key}: {string.Join(", ", f.Value.Examples)}{(f.Value.Count > MaxExamples ? ", ..." : "")}"))];
}
