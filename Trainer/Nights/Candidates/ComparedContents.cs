using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Nights.TrainingSets;

namespace CpfPipeline.Nights.Candidates;

/// <summary>
/// The contents that models are measured on: the classes of one use, among contents of the same scopes that are known to be other products.
/// </summary>
internal sealed class ComparedContents
{
    // Enough to measure on, and few enough that joining them with everything takes seconds for any catalogue.
    private const int MaxTested = 10_000;
    private const int MaxValidating = 5_000;

    private readonly TrainingSet _set;
    private readonly int[] _rows;
    private readonly int[] _classes;

    private ComparedContents(TrainingSet set, int[] rows, int[] classes, IReadOnlyList<string> labels) =>
        (_set, _rows, _classes, Labels) = (set, rows, classes, labels);

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>
    /// The test classes among all but other test classes. They stand for products that are new to a catalogue: each of their contents meets
    /// the whole of it, and a wrong pair with a content of a known product is as wrong as one of two new ones.
    /// </summary>
    /// <param name="set">The training set.</param>
    /// <param name="isUsable">Rows that have an embedding under every model compared.</param>
    public static ComparedContents ForTest(TrainingSet set, Func<int, bool> isUsable)
    {
        var members = Members(set, ClassUse.Test, MaxTested, isUsable);
        return Of(set, members, Gallery(set, members, isUsable));
    }

    /// <summary>The validation classes among all but the test classes.</summary>
    /// <param name="set">The training set.</param>
    /// <param name="isUsable">Rows that have an embedding.</param>
    public static ComparedContents ForValidation(TrainingSet set, Func<int, bool> isUsable)
    {
        var members = Members(set, ClassUse.Validation, MaxValidating, isUsable);
        return Of(set, members, Gallery(set, members, isUsable));
    }

    /// <summary>The same contents under a head.</summary>
    public EvaluationSet Under(ContentVectors embeddings)
    {
        var matrix = new EmbeddingMatrix(embeddings.Dimension, _rows.Length);
        foreach (var row in _rows)
        {
            matrix.Add(_set.ContentIds[row], embeddings.Row(row));
        }

        return EvaluationSet.Of(matrix, _classes, [.. _rows.Select(row => _set.Classes[_set.ClassOf[row]].Scope)]);
    }

    private static ComparedContents Of(TrainingSet set, List<int> members, IEnumerable<int> gallery)
    {
        var classes = members.Select(row => set.ClassOf[row]).Distinct().Order().ToList();
        var index = classes.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => c.i);
        int[] rows = [.. members, .. gallery];
        return new ComparedContents(
            set, rows, [.. rows.Select((row, i) => i < members.Count ? index[set.ClassOf[row]] : EvaluationSet.NoClass)],
            [.. classes.Select(c => set.Classes[c].Name)]);
    }

    // Classes are taken whole. Those with a pair come first.
    private static List<int> Members(TrainingSet set, ClassUse use, int most, Func<int, bool> isUsable)
    {
        var rows = new List<int>();
        foreach (var ofClass in Enumerable.Range(0, set.Count)
            .Where(row => set.UseOf(row) == use && isUsable(row)).GroupBy(row => set.ClassOf[row])
            .OrderByDescending(g => g.Skip(1).Any()).ThenBy(g => TrainingSet.Scattered(set.ContentIds[g.First()])))
        {
            if (rows.Count > 0 && rows.Count + ofClass.Count() > most)
            {
                break;
            }

            rows.AddRange(ofClass);
        }

        rows.Sort();
        return rows;
    }

    private static IEnumerable<int> Gallery(TrainingSet set, List<int> members, Func<int, bool> isUsable)
    {
        var (scopes, taken) = (members.Select(row => set.Classes[set.ClassOf[row]].Scope).ToHashSet(), members.ToHashSet());
        return Enumerable.Range(0, set.Count)
            .Where(row => set.UseOf(row) is { } use
                && use != ClassUse.Test && !taken.Contains(row) && scopes.Contains(set.Classes[set.ClassOf[row]].Scope) && isUsable(row))
            .OrderBy(row => TrainingSet.Scattered(set.ContentIds[row]));
    }
}
