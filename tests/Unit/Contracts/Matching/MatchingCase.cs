using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Tests.Unit.Contracts.Matching;

/// <summary>Contents, threshold and verdicts of one test.</summary>
internal sealed record MatchingCase(
    IReadOnlyDictionary<long, Half[]> Rows, double Tau, (long A, long B)[] Same, (long A, long B)[] Different)
{
    public EmbeddingMatrix Matrix(Random? order = null)
    {
        var rows = Rows.ToArray();
        order?.Shuffle(rows);
        return TestEmbeddings.Matrix(rows, rows[0].Value.Length);
    }

    public override string ToString() =>
        $"tau {Tau:r} same [{string.Join(' ', Same)}] different [{string.Join(' ', Different)}] "
        + string.Join("; ", Rows.Select(row => $"{row.Key}: {string.Join(' ', row.Value)}"));
}
