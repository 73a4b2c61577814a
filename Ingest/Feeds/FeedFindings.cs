using System.Globalization;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>What a feed holds that nobody would notice otherwise: how often, and the first examples.</summary>
internal sealed class FeedFindings
{
    private const int MaxExamples = 3;
    private const int MaxExampleLength = 200;
    private readonly Dictionary<string, (long Count, List<string> Examples)> _found = new(StringComparer.Ordinal);

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
