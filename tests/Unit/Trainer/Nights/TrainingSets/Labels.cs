using CpfPipeline.Data.Verdicts;
using CpfPipeline.Nights.TrainingSets;
using CsCheck;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.TrainingSets;

/// <summary>What feeds and reviewers may say of a few contents.</summary>
internal sealed record Labels(IReadOnlyList<LiveContent> Live, IReadOnlyList<ContentKey> Keys, IReadOnlyList<Verdict> Verdicts)
{
    // Two keys of each use among them, see ClassSplit: train, validation, test.
    public static readonly string[] KeyNames = ["a", "b", "k0", "k1", "k5", "k9", "k12", "k22", "k30", "k39"];

    public static readonly Gen<Labels> Any =
        from count in Gen.Int[1, 12]
        from placeholders in Gen.Int[0, 9].Array[count]
        from keys in Gen.Select(Gen.Long[0, count - 1], Gen.Int[0, 2], Gen.Int[0, KeyNames.Length - 1]).Array[0, 16]
        from verdicts in Gen.Select(Gen.Long[0, count], Gen.Long[0, count], Gen.Bool).Array[0, 12]
        select new Labels(
            [.. placeholders.Select((p, id) => new LiveContent(id, p == 0))],
            [.. keys.Select(k => new ContentKey(k.Item1, k.Item2 == 0 ? null : $"s{k.Item2}", KeyNames[k.Item3])).Distinct()],
            [.. verdicts.Where(v => v.Item1 < v.Item2).DistinctBy(v => (v.Item1, v.Item2)).Select(v => new Verdict(v.Item1, v.Item2, v.Item3))]);

    public AssignedClasses Assigned => ClassAssignment.Of(Live, Keys, Verdicts);

    public Labels Shuffled(int seed)
    {
        var random = new Random(seed);
        return new Labels(Shuffle(Live), Shuffle(Keys), Shuffle(Verdicts));

        IReadOnlyList<T> Shuffle<T>(IReadOnlyList<T> rows)
        {
            var copy = rows.ToArray();
            random.Shuffle(copy);
            return copy;
        }
    }

    public override string ToString() => $"live {string.Join(' ', Live)}; keys {string.Join(' ', Keys)}; verdicts {string.Join(' ', Verdicts)}";
}
