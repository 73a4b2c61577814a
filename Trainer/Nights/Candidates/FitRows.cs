using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Nights.TrainingSets;

namespace CpfPipeline.Nights.Candidates;

/// <summary>A training set as head training sees it.</summary>
/// <remarks>
/// The validation classes always validate and the train classes never do, however few validation classes there are. An earlier night, or
/// the maker of the backbone, may have trained on the train classes, and a threshold measured on what a network knows is too high. Test
/// classes and contents of no class take no part. The validation classes stand for products that are new to the catalogue, so each of
/// their contents meets all of it (<see cref="ComparedContents"/>).
/// </remarks>
internal static class FitRows
{
    /// <summary>The fold of the validation classes.</summary>
    public const int Validates = 0;

    private const int Trains = -1;

    public static FitSet Of(TrainingSet set, ContentVectors features)
    {
        var fitted = Enumerable.Range(0, set.Classes.Count)
            .Where(c => set.IsFitted[c]).Select((c, i) => (c, i)).ToDictionary(c => c.c, c => c.i);
        var rows = Enumerable.Range(0, set.Count).ToArray();
        return FitSet.Of(
            features.Values, features.Dimension,
            [.. rows.Select(row => fitted.GetValueOrDefault(set.ClassOf[row], FitSet.NoClass))],
            new int[set.Count],
            [.. rows.Select(row => set.UseOf(row) == ClassUse.Validation && fitted.ContainsKey(set.ClassOf[row]) ? Validates : Trains)],
            [set.CatalogueSize],
            [.. rows.Select(row => set.UseOf(row) is null or ClassUse.Test ? FitSet.NoScope : set.Classes[set.ClassOf[row]].Scope)],
            [.. set.Separations.Where(s => fitted.ContainsKey(s.A) && fitted.ContainsKey(s.B)).Select(s => (fitted[s.A], fitted[s.B]))]);
    }
}
