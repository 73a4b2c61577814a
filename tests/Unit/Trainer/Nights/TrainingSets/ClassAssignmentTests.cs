using CpfPipeline.Nights.TrainingSets;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.TrainingSets;

public sealed class ClassAssignmentTests
{
    // One key of each use by the hash rule.
    private static readonly string Train = Key(ClassUse.Train, 0);
    private static readonly string OtherTrain = Key(ClassUse.Train, 1);
    private static readonly string Test = Key(ClassUse.Test, 0);

    [Fact]
    public void Of_AnyOrderOfRows_SameClasses() =>
        Labels.Any.Select(Gen.Int[0, 1000]).Sample((labels, seed) => Assert.Equal(Text(labels.Assigned), Text(labels.Shuffled(seed).Assigned)));

    [Fact]
    public void Of_Any_NoContentInTwoClassesAndNoneInventedOrPlaceholder() => Labels.Any.Sample(labels =>
    {
        var assigned = labels.Assigned;
        long[] all = [.. assigned.Classes.SelectMany(c => c.ContentIds), .. assigned.Unlabelled];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Subset(labels.Live.Where(c => !c.IsPlaceholder).Select(c => c.ContentId).ToHashSet(), all.ToHashSet());
        Assert.Equal(
            labels.Live.Count, all.Length + assigned.Counts.Placeholders + assigned.Counts.KeyConflicts + assigned.Counts.VerdictConflicts);
    });

    [Fact]
    public void Of_Any_EveryKeyOfAClassIsForItsUse() => Labels.Any.Sample(labels =>
    {
        foreach (var c in labels.Assigned.Classes)
        {
            var uses = c.ContentIds.Select(id => KeyRule.Decide(labels.Keys.Where(k => k.ContentId == id)).Class?.Use).OfType<ClassUse>().Distinct();
            Assert.All(uses, use => Assert.Equal(c.Use, use));
            Assert.True(c.Key is not null || c.Use == ClassUse.Train, "what no key names must not be measured on");
        }
    });

    [Fact]
    public void Of_Any_ContentsOfOneKeyStayTogetherAndNoVerdictApartIsInsideAClass() => Labels.Any.Sample(labels =>
    {
        var classOf = labels.Assigned.Classes.SelectMany((c, i) => c.ContentIds.Select(id => (id, i))).ToDictionary(c => c.id, c => c.i);
        foreach (var ofKey in classOf.Keys.GroupBy(id => KeyRule.Decide(labels.Keys.Where(k => k.ContentId == id)).Class).Where(g => g.Key is not null))
        {
            Assert.Single(ofKey.Select(id => classOf[id]).Distinct());
        }

        Assert.DoesNotContain(
            labels.Verdicts, v => !v.Same && classOf.TryGetValue(v.ContentA, out var a) && classOf.TryGetValue(v.ContentB, out var b) && a == b);
    });

    [Fact]
    public void Of_Any_TwoClassesOfAScopeHaveKeysOfThatScope() => Labels.Any.Sample(labels =>
    {
        var classes = labels.Assigned.Classes;
        foreach (var (a, b) in classes.SelectMany(a => classes.Select(b => (a, b))).Where(p => p.a != p.b && p.a.Scope == p.b.Scope))
        {
            Assert.Equal(a.Key!.Value.Source, b.Key!.Value.Source);
            Assert.NotEqual(a.Key.Value.Key, b.Key.Value.Key);
        }
    });

    [Fact]
    public void Of_SameAcrossUses_IsDropped()
    {
        var assigned = ClassAssignment.Of(Live(1, 2), [new(1, null, Train), new(2, null, Test)], [new(1, 2, true)]);
        Assert.Equal(["1", "2"], Members(assigned));
        Assert.Equal((1, 0), (assigned.Counts.DroppedVerdicts, assigned.Counts.SameVerdicts));
    }

    [Fact]
    public void Of_SameWithAnUnlabelledContent_ItTakesThePartnersClass()
    {
        var assigned = ClassAssignment.Of(Live(1, 2, 3), [new(1, null, Test)], [new(1, 2, true), new(2, 3, true)]);
        Assert.Equal(["1 2 3"], Members(assigned));
        Assert.Equal(ClassUse.Test, assigned.Classes[0].Use);
    }

    [Fact]
    public void Of_AnUnlabelledContentTiesTwoUsesTogether_OneTieIsDropped()
    {
        var assigned = ClassAssignment.Of(Live(1, 2, 3), [new(1, null, Train), new(3, null, Test)], [new(1, 2, true), new(2, 3, true)]);
        Assert.Equal(["1 2", "3"], Members(assigned).Order());
        Assert.Equal(1, assigned.Counts.DroppedVerdicts);
    }

    [Fact]
    public void Of_SameOfTwoScopes_OneClassOfTheGlobalScope()
    {
        var assigned = ClassAssignment.Of(Live(1, 2, 3), [new(1, "s", Train), new(2, null, OtherTrain), new(3, null, Key(ClassUse.Train, 2))], [new(1, 2, true)]);
        Assert.Equal(["1 2", "3"], Members(assigned).Order());
        Assert.Single(assigned.Classes.Select(c => c.Scope).Distinct());
    }

    [Fact]
    public void Of_DifferentInsideAClass_BothAreLeftOut()
    {
        var assigned = ClassAssignment.Of(Live(1, 2, 3), [new(1, null, Train), new(2, null, Train), new(3, null, Train)], [new(1, 2, false)]);
        Assert.Equal(["3"], Members(assigned));
        Assert.Equal(2, assigned.Counts.VerdictConflicts);
        Assert.Empty(assigned.Unlabelled);
    }

    [Fact]
    public void Of_DifferentFromAnUnlabelledContent_ItIsAClassSeparatedFromThatOne()
    {
        var assigned = ClassAssignment.Of(Live(1, 2, 3), [new(1, null, Train), new(2, null, OtherTrain)], [new(1, 3, false)]);
        Assert.Equal(["1", "2", "3"], Members(assigned).Order());
        var alone = assigned.Classes.ToList().FindIndex(c => c.ContentIds[0] == 3);
        var one = assigned.Classes.ToList().FindIndex(c => c.ContentIds[0] == 1);
        Assert.Equal([(Math.Min(one, alone), Math.Max(one, alone))], assigned.Separations);
        Assert.DoesNotContain(assigned.Classes[alone].Scope, assigned.Classes.Where((_, i) => i != alone).Select(c => c.Scope));
        Assert.Equal(1, assigned.Counts.HardNegatives);
    }

    [Fact]
    public void Of_DifferentOfTwoUnlabelledContents_TwoClasses() =>
        Assert.Equal([(0, 1)], ClassAssignment.Of(Live(1, 2), [], [new(1, 2, false)]).Separations);

    [Fact]
    public void Of_DifferentFromATestContent_IsNotUsed()
    {
        var assigned = ClassAssignment.Of(Live(1, 2), [new(1, null, Test)], [new(1, 2, false)]);
        Assert.Equal(["1"], Members(assigned));
        Assert.Equal((0, 1), (assigned.Counts.HardNegatives, assigned.Counts.UnusedVerdicts));
    }

    [Fact]
    public void Of_VerdictOnAPlaceholder_IsNotUsed()
    {
        var assigned = ClassAssignment.Of([new(1, false), new(2, true)], [new(1, null, Train)], [new(1, 2, true)]);
        Assert.Equal(["1"], Members(assigned));
        Assert.Equal((1, 1), (assigned.Counts.Placeholders, assigned.Counts.UnusedVerdicts));
    }

    internal static string Key(ClassUse use, int skip) =>
        Enumerable.Range(0, 1000).Select(i => $"key {i}").Where(k => new ClassKey(null, k).Use == use).Skip(skip).First();

    private static List<LiveContent> Live(params long[] ids) => [.. ids.Select(id => new LiveContent(id, false))];

    private static IEnumerable<string> Members(AssignedClasses assigned) => assigned.Classes.Select(c => string.Join(' ', c.ContentIds));

    private static string Text(AssignedClasses a) => string.Join(
        "\n", [.. a.Classes.Select(c => $"{c.Key} {c.Scope} {c.Use}: {string.Join(' ', c.ContentIds)}"), .. a.Separations.Select(s => $"{s}"), string.Join(' ', a.Unlabelled), $"{a.Counts}"]);
}
