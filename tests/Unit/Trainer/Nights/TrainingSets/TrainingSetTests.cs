using System.Text.Json;
using CpfPipeline.Nights.TrainingSets;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.TrainingSets;

public sealed class TrainingSetTests
{
    [Fact]
    public void Of_MoreContentsThanLookedAt_WholeClassesAndTestFirst()
    {
        var (train, test) = (ClassAssignmentTests.Key(ClassUse.Train, 0), ClassAssignmentTests.Key(ClassUse.Test, 0));
        List<ContentKey> keys = [new(1, null, train), new(2, null, train), new(3, null, test), new(4, null, test),
            new(5, null, ClassAssignmentTests.Key(ClassUse.Train, 1))];
        var set = TrainingSet.Of(
            ClassAssignment.Of([.. Enumerable.Range(1, 6).Select(i => new LiveContent(i, false))], keys, []), maxContents: 3);
        Assert.Equal([5, 3, 4], set.ContentIds.OrderBy(id => id == 5 ? 0 : id));
        Assert.Equal((6, 1, 1), (set.CatalogueSize, set.LeftOutClasses, set.Unlabelled));
    }

    // Of a million pictures two tenths lie in classes that only measure: as many as are looked at in all.
    [Theory]
    [InlineData(500)]
    [InlineData(1_000)]
    [InlineData(4_000)]
    public void Of_FarMoreContentsThanLookedAt_MostOfThemTrain(int maxContents)
    {
        var keys = Enumerable.Range(0, 20_000).Select(i => new ContentKey(i, null, $"key {i / 5}")).ToList();
        var set = TrainingSet.Of(ClassAssignment.Of([.. keys.Select(k => new LiveContent(k.ContentId, false))], keys, []), maxContents);
        Assert.InRange(set.Count, maxContents - 4, maxContents);
        int Of(ClassUse use) => Enumerable.Range(0, set.Count).Count(row => set.UseOf(row) == use);
        Assert.InRange(Of(ClassUse.Test), (maxContents / 10) - 5, maxContents / 10);
        Assert.InRange(Of(ClassUse.Validation), (maxContents / 10) - 5, maxContents / 10);
        Assert.Null(DataNeeds.Missing(set, trains: true));
    }

    // Pictures that are alone in their class teach and measure nothing, and must not take the places of those that do.
    [Fact]
    public void Of_MostPicturesAreAloneInTheirClass_ThoseInPairsAreTakenAndFittedTo()
    {
        var keys = Enumerable.Range(0, 20_000)
            .Select(i => new ContentKey(i, null, i < 5_000 ? $"key {i / 2}" : $"alone {i}")).ToList();
        List<LiveContent> live = [.. keys.Select(k => new LiveContent(k.ContentId, false)), new(30_000, false), new(30_001, false)];
        var set = TrainingSet.Of(ClassAssignment.Of(live, keys, []), maxContents: 6_000);
        Assert.Equal(6_000, set.Count);
        var (train, measured) = (
            set.Classes.Count(c => c.Use == ClassUse.Train && c.Pairs > 0), set.Classes.Count(c => c.Use == ClassUse.Test && c.Pairs == 0));
        Assert.InRange(train, 1_900, 2_100); // Eight tenths of 2,500.
        Assert.Equal(0, measured);
        Assert.All(
            Enumerable.Range(0, set.Classes.Count).Where(i => set.Classes[i].Use == ClassUse.Train && set.Classes[i].Pairs > 0),
            i => Assert.True(set.IsFitted[i]));
        Assert.Equal(2, set.ClassOf.Count(c => c == TrainingSet.NoClass));
    }

    [Fact]
    public void Of_ClassesThatMeasureAreVeryLarge_AsManyAsAreNeededAreTaken()
    {
        var uses = new[] { (ClassUse.Test, 60), (ClassUse.Validation, 60), (ClassUse.Train, 5) };
        var keys = uses.SelectMany(u => Enumerable.Range(0, 8).SelectMany(i =>
            Enumerable.Repeat(ClassAssignmentTests.Key(u.Item1, i), u.Item2))).Select((key, id) => new ContentKey(id, null, key)).ToList();
        var assigned = ClassAssignment.Of([.. keys.Select(k => new LiveContent(k.ContentId, false))], keys, []);
        var set = TrainingSet.Of(assigned, maxContents: 300);
        Assert.Equal((2, 2, 8), (
            set.Classes.Count(c => c.Use == ClassUse.Test), set.Classes.Count(c => c.Use == ClassUse.Validation),
            set.Classes.Count(c => c.Use == ClassUse.Train)));
    }

    [Fact]
    public void Of_Any_RowsLieClassByClass() => Labels.Any.Sample(labels =>
    {
        var set = TrainingSet.Of(labels.Live, labels.Keys, labels.Verdicts);
        for (var row = 0; row < set.Count; row++)
        {
            Assert.True(set.ClassOf[row] == TrainingSet.NoClass || set.Classes[set.ClassOf[row]].ContentIds.Contains(set.ContentIds[row]));
        }

        Assert.All(Enumerable.Range(0, set.Classes.Count), c => Assert.Equal(set.Classes[c].Use != ClassUse.Test, set.IsFitted[c]));
    });

    [Fact]
    public void Facts_AnyOrderOfRows_SameSnapshot() => Labels.Any.Select(Gen.Int[0, 1000]).Sample((labels, seed) =>
        Assert.Equal(Facts(labels), Facts(labels.Shuffled(seed))));

    [Fact]
    public void Facts_AnythingElse_AnotherSnapshot()
    {
        var (train, test) = (ClassAssignmentTests.Key(ClassUse.Train, 0), ClassAssignmentTests.Key(ClassUse.Test, 0));
        Labels one = new([new(1, false), new(2, false), new(3, false)], [new(1, null, train), new(2, null, test)], []);
        Labels[] all =
        [
            one,
            one with { Keys = [new(1, null, train)] },
            one with { Keys = [new(1, "s", train), new(2, null, test)] },
            one with { Keys = [new(1, "s" + train, ""), new(2, null, test)] },
            one with { Live = [.. one.Live, new(4, false)] },
            one with { Verdicts = [new(1, 3, false)] },
            one with { Verdicts = [new(2, 3, true)] },
        ];
        var ids = all.Select(l => Facts(l).SnapshotId)
            .Append(TrainingSetFacts.Of(TrainingSet.Of(one.Live, one.Keys, one.Verdicts), [1]).SnapshotId).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Facts_Counts_SayWhatIsThereAndWhatIsNot()
    {
        var train = ClassAssignmentTests.Key(ClassUse.Train, 0);
        var counts = JsonDocument.Parse(Facts(new Labels(
            [new(1, false), new(2, false), new(3, false), new(4, true), new(5, false)],
            [new(1, null, train), new(2, null, train), new(5, null, "x"), new(5, null, "y")], [])).CountsJson).RootElement;
        Assert.Equal(5, counts.GetProperty("contents").GetInt32());
        Assert.Equal(2, counts.GetProperty("labelled").GetInt32());
        Assert.Equal(1, counts.GetProperty("splits").GetProperty("train").GetProperty("pairs").GetInt32());
        Assert.Equal(1, counts.GetProperty("unknown").GetInt32());
        Assert.Equal(1, counts.GetProperty("placeholders").GetInt32());
        Assert.Equal(1, counts.GetProperty("conflicts").GetProperty("keys").GetInt32());
    }

    [Fact]
    public void Missing_NoTestPairs_SaysSo()
    {
        var (live, keys) = (new List<LiveContent>(), new List<ContentKey>());
        foreach (var use in new[] { ClassUse.Train, ClassUse.Validation })
        {
            for (var i = 0; i < 40; i++)
            {
                live.Add(new(live.Count, false));
                keys.Add(new(live.Count - 1, null, ClassAssignmentTests.Key(use, i / 8)));
            }
        }

        Assert.Contains("test has 0 pairs", DataNeeds.Missing(TrainingSet.Of(live, keys, []), trains: true), StringComparison.Ordinal);
        Assert.DoesNotContain("train has", DataNeeds.Missing(TrainingSet.Of([], [], []), trains: false), StringComparison.Ordinal);
        for (var i = 0; i < 40; i++)
        {
            live.Add(new(live.Count, false));
            keys.Add(new(live.Count - 1, null, ClassAssignmentTests.Key(ClassUse.Test, i / 8)));
        }

        Assert.Null(DataNeeds.Missing(TrainingSet.Of(live, keys, []), trains: true));
    }

    private static TrainingSetFacts Facts(Labels labels) =>
        TrainingSetFacts.Of(TrainingSet.Of(labels.Live, labels.Keys, labels.Verdicts), [0]);
}
