namespace CpfPipeline.Nights.TrainingSets;

/// <summary>Whether there is enough to learn from and to measure on.</summary>
internal static class DataNeeds
{
    /// <summary>Pairs of one product, of training, of validation and of test each. Fewer say nothing; the interval of F1 says how much more they say.</summary>
    public const int LeastPairs = 20;

    /// <summary>Classes with a pair of each: with one there is nothing to tell apart, and nothing to draw from.</summary>
    public const int LeastClasses = 2;

    /// <param name="set">The training set.</param>
    /// <param name="trains">False: only a threshold is wanted.</param>
    /// <returns>What is missing, a sentence; null: nothing.</returns>
    public static string? Missing(TrainingSet set, bool trains)
    {
        var missing = new List<string>();
        foreach (var use in Enum.GetValues<ClassUse>().Where(u => trains || u != ClassUse.Train))
        {
            var classes = set.Classes.Where(c => c.Use == use && c.Pairs > 0).ToList();
            var pairs = classes.Sum(c => c.Pairs);
            if (classes.Count < LeastClasses || pairs < LeastPairs)
            {
                missing.Add($"{use.ToString().ToLowerInvariant()} has {pairs} pairs of one product in {classes.Count} classes");
            }
        }

        return missing.Count == 0
            ? null
            : $"Too little data: {string.Join("; ", missing)}. Each needs at least {LeastPairs} pairs in {LeastClasses} classes: contents with the same product key "
            + "or a verdict \"same\"; which use a key is for is decided by its hash.";
    }
}
