using CpfPipeline.Data.Handover;
using CpfPipeline.Nights.Handover;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Handover;

public sealed class ModelDiffTests
{
    [Fact]
    public void Between_EveryKindOfChange_CountsItByContent()
    {
        RegroupedContent[] contents =
        [
            new(1, 1, 1), new(2, 1, 1), // stay together
            new(3, 3, 3), new(4, 3, 3), new(5, 5, 3), // a pair gains a third, a single joins it
            new(6, 6, 6), new(7, 6, 7), // come apart
            new(8, 8, 8), new(9, 8, 9), new(10, 10, 9), // 9 leaves 8 for 10
            new(11, 11, 11), // alone, before and after
        ];

        var (row, changed) = ModelDiff.Between(1, 2, contents);

        Assert.Equal(new ModelDiffRow(2, 1, 11, 3, 4, 3, 1, 4, 3, 8.0 / 10), row);
        Assert.Equal(
            [(3, "merged"), (4, "merged"), (5, "merged"), (6, "split"), (7, "split"), (8, "split"), (9, "moved"), (10, "merged")],
            changed.Select(c => ((int)c.Content.ContentId, c.Kind)));
    }

    [Fact]
    public void Between_NothingInGroups_HasNoChurn()
    {
        Assert.Equal(0, ModelDiff.Between(1, 2, []).Row.Churn);
        Assert.Equal(0, ModelDiff.Between(1, 2, [new(1, 1, 1), new(2, 2, 2)]).Row.Churn);
    }

    [Fact]
    public void Between_AnyPartitions_AgreesWithCompanionsCountedOneByOne()
    {
        var groups = Gen.Select(Gen.Long[0, 4], Gen.Long[0, 4]);
        groups.Array[0, 20].Sample(pairs =>
        {
            var contents = pairs.Select((p, i) => new RegroupedContent(i, p.Item1, p.Item2)).ToArray();
            var (row, changed) = ModelDiff.Between(1, 2, contents);
            var kinds = changed.ToDictionary(c => c.Content.ContentId, c => c.Kind);
            foreach (var content in contents)
            {
                var before = contents.Where(c => c.Before == content.Before).Select(c => c.ContentId).ToHashSet();
                var after = contents.Where(c => c.After == content.After).Select(c => c.ContentId).ToHashSet();
                var expected = before.SetEquals(after)
                    ? null : before.IsSubsetOf(after) ? "merged" : after.IsSubsetOf(before) ? "split" : "moved";
                Assert.Equal(expected, kinds.GetValueOrDefault(content.ContentId));
            }

            Assert.Equal(row.Contents, row.Unchanged + row.Merged + row.Split + row.Moved);
            Assert.InRange(row.Churn, 0, 1);
        });
    }

    [Theory]
    [InlineData("training", "training", .5, .5, false)]
    [InlineData("training", "training", .51, .5, true)]
    [InlineData("training", "imported", .51, .5, true)]
    [InlineData("threshold", "threshold", .51, .5, true)]
    [InlineData("training", "initial", 1, 0, false)]
    [InlineData("activation", "training", 1, 0, false)]
    public void Refusal_Churn_OnlyAboveTheLimitAndNeitherInTheFirstNightNorForANamedModel(
        string kind, string activeKind, double churn, double limit, bool refused) =>
        Assert.Equal(refused, ChurnLimit.Refusal(kind, activeKind, churn, limit) is not null);

    [Fact]
    public void Of_SilentMatcher_SaysSo()
    {
        var working = new ModelPreparation(1, "shadow", "groups", null, .5, 5, "joining 5 of 9", TimeSpan.FromSeconds(2), 0);

        Assert.Equal("joining 5 of 9", PreparationMessage.Of(working, "grouping"));
        Assert.Equal("grouping", PreparationMessage.Of(working with { Message = null }, "grouping"));
        Assert.Contains("no Matcher has answered for 31 s",
            PreparationMessage.Of(working with { SilentFor = TimeSpan.FromSeconds(31) }, "grouping"), StringComparison.Ordinal);
    }

    [Fact]
    public void Look_NothingComes_StallsAfterPatience()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var patience = TimeSpan.FromMinutes(10);
        var wait = new FeatureWait(start);
        Assert.True(wait.IsFirst);

        wait = wait.Look(100, start).Look(50, start.AddMinutes(9)).Look(50, start.AddMinutes(18));

        Assert.False(wait.HasStalled(start.AddMinutes(18), patience));
        Assert.True(wait.HasStalled(start.AddMinutes(19), patience));
        Assert.Equal(.5, wait.Share);
        BackfillStalledException.ThrowUnlessFew(1, 100, patience);
        Assert.Throws<BackfillStalledException>(() => BackfillStalledException.ThrowUnlessFew(2, 100, patience));
    }
}
