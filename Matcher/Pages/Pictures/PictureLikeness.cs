using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matcher.Pages.Pictures;

/// <summary>Exact similarities among a few pictures. Pure.</summary>
public sealed class PictureLikeness
{
    private readonly Dictionary<long, Half[]> _embeddings;

    /// <summary>Of these pictures.</summary>
    /// <param name="embeddings">Stored embeddings <c>[D] half</c> by content.</param>
    public PictureLikeness(IReadOnlyDictionary<long, Half[]> embeddings) => _embeddings = new(embeddings);

    /// <summary>Among some of them.</summary>
    public PictureLikeness Among(IEnumerable<long> contentIds) =>
        new(contentIds.Where(_embeddings.ContainsKey).ToDictionary(id => id, id => _embeddings[id]));

    /// <summary>Similarity of two pictures; null when one has no embedding.</summary>
    public double? Between(long a, long b) =>
        _embeddings.TryGetValue(a, out var x) && _embeddings.TryGetValue(b, out var y) ? Similarity.Exact(x, y) : null;

    /// <summary>The picture most like a given one; of equals the smallest id. Null when there is no other.</summary>
    public Likeness? Nearest(long contentId) =>
        _embeddings.Keys.Where(other => other != contentId)
            .Select(other => Between(contentId, other) is { } similarity ? new Likeness(other, similarity) : null)
            .OfType<Likeness>()
            .OrderByDescending(l => l.Similarity).ThenBy(l => l.ContentId)
            .FirstOrDefault();

    /// <summary>The most similar pair across two parts; of equals the smallest ids. Null when one part is empty.</summary>
    public (long Left, long Right, double Similarity)? Bridge(IEnumerable<long> left, IReadOnlyCollection<long> right) =>
        left.SelectMany(a => right.Select(b => (Left: a, Right: b, Similarity: Between(a, b) ?? double.NegativeInfinity)))
            .Where(p => !double.IsNegativeInfinity(p.Similarity))
            .OrderByDescending(p => p.Similarity).ThenBy(p => p.Left).ThenBy(p => p.Right)
            .Select(p => ((long, long, double)?)p)
            .FirstOrDefault();
}
