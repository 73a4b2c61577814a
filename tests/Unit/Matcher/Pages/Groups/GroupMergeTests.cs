using CpfPipeline.Matcher.Pages.Groups;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Pages.Groups;

public sealed class GroupMergeTests
{
    // 1 and 2 by a verdict; then 5 and 6, 1 and 3, and at last both parts.
    private static readonly GroupMerge[] Merges =
        [new(1, 2, 0.3, true), new(5, 6, 0.97, false), new(1, 3, 0.95, false), new(1, 5, 0.91, false)];

    [Fact]
    public void Last_VerdictsBelowTheThreshold_AreNotTheLast() => Assert.Equal(Merges[3], GroupMerge.Last(Merges, 1));

    [Fact]
    public void Last_ClosureThatAnotherJoins_IsWhatSimilarityMade() =>
        Assert.Equal(new GroupMerge(1, 3, 0.8, false), GroupMerge.Last([new(1, 2, 0.3, true), new(1, 3, 0.8, false)], 1));

    [Fact]
    public void Last_OnlyVerdicts_IsNone() => Assert.Null(GroupMerge.Last([new(1, 2, 0.3, true)], 1));

    [Fact]
    public void Part_OfTheMergedCluster_IsAllThatHadComeToIt() => Assert.Equal([5L, 6L], GroupMerge.Part(Merges, 5).Order());

    [Fact]
    public void Part_OfASingleContent_IsIt() => Assert.Equal([3L], GroupMerge.Part(Merges, 3));
}
