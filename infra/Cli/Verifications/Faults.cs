namespace CpfPipeline.Cli.Verifications;

/// <summary>The faults that were found: counts, and a few examples of each kind.</summary>
internal sealed class Faults
{
    private const int MaxExamples = 5;
    private readonly SortedDictionary<string, FaultCount> _kinds = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, FaultCount> Kinds => _kinds;

    /// <summary>Faults that are still there: not repaired, and nothing is under way that repairs them.</summary>
    public long Left => _kinds.Values.Sum(k => k.Count - k.Repaired);

    /// <summary>Adds a fault.</summary>
    /// <param name="kind">See <see cref="FaultKind"/>.</param>
    /// <param name="example">What is wrong with what.</param>
    public void Add(string kind, string example) => Change(kind, k => k with
    {
        Count = k.Count + 1, Examples = k.Examples.Count < MaxExamples ? [.. k.Examples, example] : k.Examples,
    });

    /// <summary>Says that faults of a kind were repaired, or that what repairs them was ordered.</summary>
    public void Repair(string kind, long count) => Change(kind, k => k with { Repaired = k.Repaired + count });

    /// <summary>Says why faults of a kind are left.</summary>
    public void Explain(string kind, string why) => Change(kind, k => k with { Why = why });

    private void Change(string kind, Func<FaultCount, FaultCount> change) =>
        _kinds[kind] = change(_kinds.TryGetValue(kind, out var known) ? known : new FaultCount(0, 0, [], null));
}
