using CpfPipeline.Data.Verdicts;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>From keys and verdicts to classes. A pure function of the sets of rows: their order makes no difference.</summary>
/// <remarks>
/// <c>same</c> unites: first classes with keys, then contents without one, each in the order of ids; a union that would join two uses is dropped. What no key names
/// is for training alone: nothing about it is the same every night. <c>different</c> within a class leaves both contents out; else it is a
/// negative, for which a content without a class becomes one by itself.
/// </remarks>
internal static class ClassAssignment
{
    public static AssignedClasses Of(IReadOnlyCollection<LiveContent> live, IReadOnlyCollection<ContentKey> keys, IReadOnlyCollection<Verdict> verdicts)
    {
        var (union, conflicts) = Label(live, keys);
        var inOrder = verdicts.OrderBy(v => v.ContentA).ThenBy(v => v.ContentB).ToList();
        var usable = inOrder.FindAll(v => union.Contains(v.ContentA) && union.Contains(v.ContentB));
        var dropped = Unite(union, usable.FindAll(v => v.Same));

        var apart = usable.FindAll(v => !v.Same);
        var contradicted = apart.Where(v => union.Find(v.ContentA) == union.Find(v.ContentB)).SelectMany(v => new[] { v.ContentA, v.ContentB }).ToHashSet();
        var negatives = apart.FindAll(v => !contradicted.Contains(v.ContentA) && !contradicted.Contains(v.ContentB) && AreComparable(union, v));
        var alone = negatives.SelectMany(v => new[] { v.ContentA, v.ContentB }).Where(id => !union.IsLabelled(id)).Select(union.Find).ToHashSet();

        var taking = live.Select(c => c.ContentId).Where(id => union.Contains(id) && !contradicted.Contains(id)).Order().ToList();
        var roots = taking.GroupBy(union.Find)
            .Where(g => union.KeyOf(g.Key) is not null || alone.Contains(g.Key) || g.Skip(1).Any())
            .OrderBy(g => union.KeyOf(g.Key) is null).ThenBy(g => union.KeyOf(g.Key) ?? default).ThenBy(g => g.First()).ToList();
        var indexOf = roots.Select((g, i) => (g.Key, i)).ToDictionary(c => c.Key, c => c.i);
        var classes = Classes(union, roots);
        return new AssignedClasses(
            classes,
            [.. negatives.Select(v => Ordered(indexOf[union.Find(v.ContentA)], indexOf[union.Find(v.ContentB)]))
                .Where(s => classes[s.A].Scope != classes[s.B].Scope).Distinct().Order()],
            [.. taking.Where(id => !indexOf.ContainsKey(union.Find(id)))],
            new AssignmentCounts
            {
                Live = live.Count,
                Placeholders = live.Count(c => c.IsPlaceholder),
                KeyConflicts = conflicts,
                VerdictConflicts = contradicted.Count,
                SameVerdicts = usable.Count - apart.Count - dropped,
                HardNegatives = negatives.Count,
                DroppedVerdicts = dropped,
                UnusedVerdicts = verdicts.Count - usable.Count + apart.Count(v => !AreComparable(union, v)),
            });
    }

    private static (ClassUnion Union, int Conflicts) Label(IReadOnlyCollection<LiveContent> live, IReadOnlyCollection<ContentKey> keys)
    {
        var keysOf = keys.ToLookup(k => k.ContentId);
        var (union, conflicts) = (new ClassUnion(), 0);
        foreach (var content in live.Where(c => !c.IsPlaceholder))
        {
            var (key, isConflict) = KeyRule.Decide(keysOf[content.ContentId]);
            if (isConflict)
            {
                conflicts++;
            }
            else
            {
                union.Add(content.ContentId, key);
            }
        }

        return (union, conflicts);
    }

    private static int Unite(ClassUnion union, List<Verdict> same)
    {
        // What people say of two pictures with keys does not depend on whom else they compared.
        var labelled = same.ToLookup(v => union.IsLabelled(v.ContentA) && union.IsLabelled(v.ContentB));
        return labelled[true].Concat(labelled[false]).Count(v => !union.TryUnite(v.ContentA, v.ContentB));
    }

    // A train class is never compared with a test class; a content without a key is for training.
    private static bool AreComparable(ClassUnion union, Verdict verdict) =>
        (Use(union, union.Find(verdict.ContentA)) == ClassUse.Test) == (Use(union, union.Find(verdict.ContentB)) == ClassUse.Test);

    private static ClassUse Use(ClassUnion union, int root) => union.KeyOf(root)?.Use ?? ClassUse.Train;

    private static List<ProductClass> Classes(ClassUnion union, List<IGrouping<int, long>> roots)
    {
        // Global keys come first and have scope 0, then the sources by name; then as many scopes as there are classes without a key.
        var (scopes, classes) = (new Dictionary<string, int>(StringComparer.Ordinal), new List<ProductClass>(roots.Count));
        foreach (var source in roots.Select(g => union.KeyOf(g.Key)?.Source).OfType<string>())
        {
            scopes.TryAdd(source, scopes.Count + 1);
        }

        var next = scopes.Count + 1;
        foreach (var root in roots)
        {
            var key = union.KeyOf(root.Key);
            var scope = key is not { } known ? next++ : known.Source is null ? 0 : scopes[known.Source];
            classes.Add(new ProductClass(key, scope, Use(union, root.Key), [.. root]));
        }

        return classes;
    }

    private static (int A, int B) Ordered(int a, int b) => (Math.Min(a, b), Math.Max(a, b));
}
