using CpfPipeline.Data.Verdicts;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>
/// The contents of a run in a fixed order: the classes one after the other, then contents of no class. Features and embeddings have their
/// rows in the same order.
/// </summary>
public sealed class TrainingSet
{
    /// <summary>
    /// The maximum number of contents: 400 MB of features of 1,280 values. Of a larger catalogue, whole classes are drawn by a
    /// hash: for testing and for validation a tenth each, the rest for training.
    /// </summary>
    public const int MaxContents = 150_000;

    // Enough to measure on (ComparedContents), and never all there is: nothing would be left to learn from.
    private const int MeasuredPart = 10;
    private const int MaxUnlabelledKept = 1_000;

    /// <summary>
    /// Classes that heads are fitted to: each step compares a batch with every centre. Contents of further classes serve as distractors
    /// only.
    /// </summary>
    public const int MaxFittedClasses = 20_000;

    private TrainingSet(AssignedClasses assigned, List<ProductClass> classes, List<long> others, Dictionary<ProductClass, int> chosen)
    {
        (Classes, Counts, CatalogueSize) = (classes, assigned.Counts, assigned.Counts.Live - assigned.Counts.Placeholders);
        ContentIds = [.. classes.SelectMany(c => c.ContentIds), .. others];
        ClassOf = [.. classes.SelectMany((c, i) => Enumerable.Repeat(i, c.ContentIds.Count)), .. Enumerable.Repeat(NoClass, others.Count)];
        Separations =
        [
            .. assigned.Separations
                .Select(s => (A: chosen.GetValueOrDefault(assigned.Classes[s.A], NoClass),
                    B: chosen.GetValueOrDefault(assigned.Classes[s.B], NoClass)))
                .Where(s => s.A != NoClass && s.B != NoClass),
        ];
        Unlabelled = assigned.Unlabelled.Count;
        LeftOutClasses = assigned.Classes.Count - classes.Count;
        var separated = Separations.SelectMany(s => new[] { s.A, s.B }).ToHashSet();
        IsFitted = new bool[classes.Count];
        foreach (var i in Enumerable.Range(0, classes.Count).Where(i => classes[i].Use != ClassUse.Test)
            .OrderByDescending(i => classes[i].Pairs > 0).ThenBy(i => classes[i].Use == ClassUse.Train).ThenByDescending(separated.Contains)
            .ThenBy(i => Scattered(classes[i].ContentIds[0])).Take(MaxFittedClasses))
        {
            IsFitted[i] = true;
        }
    }

    /// <summary>The class of a content that shows no known product.</summary>
    public const int NoClass = -1;

    /// <summary>By their keys.</summary>
    public IReadOnlyList<ProductClass> Classes { get; }

    /// <summary>Content of each row.</summary>
    public long[] ContentIds { get; }

    /// <summary>Class of each row, or <see cref="NoClass"/>.</summary>
    public int[] ClassOf { get; }

    /// <summary>Whether heads are fitted to a class, or chosen on it.</summary>
    public bool[] IsFitted { get; }

    /// <summary>Classes that are two products although their scopes do not say so.</summary>
    public IReadOnlyList<(int A, int B)> Separations { get; }

    /// <summary>Contents that are compared with one another in the pipeline: what the threshold is for.</summary>
    public int CatalogueSize { get; }

    /// <summary>Contents of no class in the whole catalogue.</summary>
    public int Unlabelled { get; }

    /// <summary>Classes beyond <see cref="MaxContents"/>.</summary>
    public int LeftOutClasses { get; }

    public AssignmentCounts Counts { get; }

    /// <summary>Rows N.</summary>
    public int Count => ContentIds.Length;

    /// <summary>What a row is for; null: it is of no class.</summary>
    public ClassUse? UseOf(int row) => ClassOf[row] == NoClass ? null : Classes[ClassOf[row]].Use;

    /// <param name="assigned">Everything there is.</param>
    /// <param name="maxContents">See <see cref="MaxContents"/>.</param>
    public static TrainingSet Of(AssignedClasses assigned, int maxContents = MaxContents)
    {
        // The gate looks at some contents of no class too.
        var unlabelled = Math.Min(assigned.Unlabelled.Count, Math.Min(MaxUnlabelledKept, maxContents / MeasuredPart));
        var (left, taken) = (maxContents - unlabelled, new HashSet<ProductClass>(ReferenceEqualityComparer.Instance));
        var drawn = assigned.Classes
            .OrderByDescending(c => c.Pairs > 0).ThenBy(c => Scattered(c.ContentIds[0])).ThenBy(c => c.ContentIds[0]).ToList();
        TakeMeasured(ClassUse.Test);
        TakeMeasured(ClassUse.Validation);
        foreach (var c in drawn.OrderBy(c => c.Use))
        {
            TryTake(c);
        }

        var classes = assigned.Classes.Where(taken.Contains).ToList();
        var chosen = new Dictionary<ProductClass, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < classes.Count; i++)
        {
            chosen[classes[i]] = i;
        }

        return new TrainingSet(
            assigned, classes, [.. assigned.Unlabelled.OrderBy(Scattered).Take(left + unlabelled).Order()], chosen);

        // Classes that fit in their part; when these are fewer than are needed, the smallest of the larger ones.
        void TakeMeasured(ClassUse use)
        {
            var (most, count) = (maxContents / MeasuredPart, 0);
            var paired = drawn.FindAll(c => c.Use == use && c.Pairs > 0);
            foreach (var c in paired)
            {
                if (c.ContentIds.Count <= most && TryTake(c))
                {
                    (most, count) = (most - c.ContentIds.Count, count + 1);
                }
            }

            foreach (var c in paired.OrderBy(c => c.ContentIds.Count))
            {
                if (count < DataNeeds.MinClasses && TryTake(c))
                {
                    count++;
                }
            }
        }

        bool TryTake(ProductClass c)
        {
            if (c.ContentIds.Count > left || !taken.Add(c))
            {
                return false;
            }

            left -= c.ContentIds.Count;
            return true;
        }
    }

    /// <summary>From what is stored.</summary>
    public static TrainingSet Of(
        IReadOnlyCollection<LiveContent> live, IReadOnlyCollection<ContentKey> keys, IReadOnlyCollection<Verdict> verdicts) =>
        Of(ClassAssignment.Of(live, keys, verdicts));

    /// <summary>
    /// A fixed order of contents that has nothing to do with what they show. Ids are hashes already; tests use small numbers.
    /// </summary>
    public static ulong Scattered(long contentId) => unchecked((ulong)contentId * 0x9E37_79B9_7F4A_7C15) >> 1;
}
