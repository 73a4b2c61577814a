namespace CpfPipeline.Learning.Samplers;

/// <summary>
/// Batches over several sets, as many classes of each: a set of many small classes does not drown one of few large ones. With one set, a plain <see cref="ClassSampler"/>.
/// </summary>
internal sealed class BalancedSampler
{
    private readonly (ClassSampler Sampler, int[] Rows)[] _sets;

    /// <param name="labels">Class of each picture.</param>
    /// <param name="groups">Set of each picture from 0, or null for one set.</param>
    /// <param name="classesPerBatch">K over all sets.</param>
    /// <param name="picturesPerClass">M.</param>
    /// <param name="seed">Same seed, same batches.</param>
    public BalancedSampler(int[] labels, int[]? groups, int classesPerBatch, int picturesPerClass, int seed)
    {
        var sets = Enumerable.Range(0, labels.Length).GroupBy(i => groups?[i] ?? 0).OrderBy(g => g.Key).Select(g => g.ToArray()).ToList();
        var each = Math.Max(2, (classesPerBatch + sets.Count - 1) / sets.Count);
        _sets = [.. sets.Select((rows, k) => (new ClassSampler([.. rows.Select(i => labels[i])], each, picturesPerClass, seed + k), rows))];
    }

    /// <summary>Batches after which every set has been seen once; the largest decides.</summary>
    public int BatchesPerEpoch => _sets.Max(s => s.Sampler.BatchesPerEpoch);

    /// <summary>Indices of the next batch's pictures.</summary>
    public int[] Next() => [.. _sets.SelectMany(s => s.Sampler.Next().Select(i => s.Rows[i]))];
}
