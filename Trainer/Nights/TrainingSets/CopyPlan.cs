namespace CpfPipeline.Nights.TrainingSets;

/// <summary>
/// Which of a catalogue's pictures are copied, when too few keys are known: each is a class of its own, its edited copies are the other
/// pictures of it, and all others are what must not match.
/// </summary>
/// <remarks>
/// Three copies to train on. One copy to measure on: with more, right pairs would outnumber the wrong ones as they do in no catalogue.
/// </remarks>
internal static class CopyPlan
{
    /// <summary>Pictures that training, validation and test need each: fewer say nothing.</summary>
    public const int MinPictures = DataNeeds.MinPairs;

    private const int MaxTrained = 600;
    private const int MaxMeasured = 400;
    private const int CopiesToTrain = 3;
    private const int MaxPictures = 100_000;

    /// <summary>Pictures with the number of copies that each is to get, in an order that has nothing to do with what they show.</summary>
    public static IReadOnlyList<(DistinctPicture Picture, int Copies)> Of(IEnumerable<DistinctPicture> pictures)
    {
        var left = new Dictionary<ClassUse, int>
        {
            [ClassUse.Train] = MaxTrained, [ClassUse.Validation] = MaxMeasured, [ClassUse.Test] = MaxMeasured,
        };
        var plan = new List<(DistinctPicture, int)>();
        foreach (var picture in pictures.OrderBy(p => TrainingSet.Scattered(p.ContentId)).ThenBy(p => p.ContentId).Take(MaxPictures))
        {
            var use = picture.Key.Use;
            plan.Add((picture, left[use]-- <= 0 ? 0 : use == ClassUse.Train ? CopiesToTrain : 1));
        }

        return plan;
    }

    /// <param name="plan">What is to be copied.</param>
    /// <param name="trains">False: only a threshold is wanted.</param>
    /// <returns>What is missing, a sentence; null: nothing.</returns>
    public static string? Missing(IReadOnlyList<(DistinctPicture Picture, int Copies)> plan, bool trains)
    {
        var counts = Enum.GetValues<ClassUse>().Where(use => trains || use != ClassUse.Train)
            .Select(use => (Use: use, Count: plan.Count(p => p.Picture.Key.Use == use))).Where(c => c.Count < MinPictures).ToList();
        return counts.Count == 0
            ? null
            : "Nor are there pictures enough to learn from edited copies of them: "
                + string.Join("; ", counts.Select(c => $"{c.Use.ToString().ToLowerInvariant()} has {c.Count}"))
                + $". Each needs at least {MinPictures} that are in no group with another.";
    }

    /// <summary>The classes of pictures with copies, whose ids are below 0.</summary>
    /// <param name="pictures">Pictures and the ids of their copies.</param>
    /// <param name="live">Contents of the catalogue.</param>
    public static TrainingSet SetOf(IEnumerable<(DistinctPicture Picture, IReadOnlyList<long> Copies)> pictures, int live) =>
        TrainingSet.Of(new AssignedClasses(
            [.. pictures.Select(p => new ProductClass(p.Picture.Key, 0, p.Picture.Key.Use, [.. p.Copies, p.Picture.ContentId]))], [], [],
            new AssignmentCounts
            {
                Live = live, Placeholders = 0, KeyConflicts = 0, VerdictConflicts = 0, SameVerdicts = 0, HardNegatives = 0,
                DroppedVerdicts = 0, UnusedVerdicts = 0, LearnedFrom = LearningSource.Copies,
            }));
}
