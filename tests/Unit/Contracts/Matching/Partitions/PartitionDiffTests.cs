using CpfPipeline.Matching.Partitions;
using CsCheck;
using Xunit;
using static CpfPipeline.Matching.Partitions.PartitionChangeKind;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Partitions;

public sealed class PartitionDiffTests
{
    private static readonly Gen<Dictionary<long, long>> Partitions = Gen.Int[-1, 4].Array[12].Select(labels =>
    {
        // Label -1: not matched. A group's id is its smallest content.
        var firsts = new Dictionary<int, long>();
        var groups = new Dictionary<long, long>();
        for (var id = 0; id < labels.Length; id++)
        {
            if (labels[id] >= 0)
            {
                firsts.TryAdd(labels[id], id);
                groups.Add(id, firsts[labels[id]]);
            }
        }

        return groups;
    });

    [Fact]
    public void Between_AnyPartitions_AppliedToTheOldGivesTheNew() => Gen.Select(Partitions, Partitions).Sample((previous, current) =>
    {
        var applied = new Dictionary<long, long>(previous);
        var changes = PartitionDiff.Between(previous, current);
        foreach (var change in changes)
        {
            Assert.Equal(change.PreviousGroupId, applied.TryGetValue(change.ContentId, out var group) ? group : null);
            Assert.NotEqual(change.PreviousGroupId, change.GroupId);
            Assert.Equal(change.PreviousGroupId is null, change.Kind == Joined);
            Assert.Equal(change.GroupId is null, change.Kind == PartitionChangeKind.Left);
            applied.Remove(change.ContentId);
            if (change.GroupId is { } now)
            {
                applied.Add(change.ContentId, now);
            }
        }

        Assert.Equal(current.OrderBy(pair => pair.Key), applied.OrderBy(pair => pair.Key));
        Assert.Equal(changes.OrderBy(change => change.ContentId), changes);
        Assert.Empty(PartitionDiff.Between(current, current));
    }, iter: 1000);

    [Fact]
    public void Between_TwoGroupsBecomeOne_MovedMembersAreMerged() => Check(
        [[1, 2], [3, 4]], [[1, 2, 3, 4]], new(3, 1, 3, Merged), new(4, 1, 3, Merged));

    [Fact]
    public void Between_NewContentBridgesTwoGroups_JoinedAndMerged() => Check(
        [[1, 2], [4, 5]], [[1, 2, 3, 4, 5]], new(3, 1, null, Joined), new(4, 1, 4, Merged), new(5, 1, 4, Merged));

    [Fact]
    public void Between_GroupComesApart_MembersWithoutTheOldIdAreSplit() => Check(
        [[1, 2, 3, 4]], [[1, 2], [3, 4]], new(3, 3, 1, Split), new(4, 3, 1, Split));

    [Fact]
    public void Between_PartGoesToAnotherGroup_Split() => Check(
        [[1, 2], [3, 4]], [[1, 2, 4], [3]], new PartitionChange(4, 1, 3, Split));

    [Fact]
    public void Between_SmallestLeaves_RestIsRenamed() => Check(
        [[1, 2, 3]], [[2, 3]], new(1, null, 1, PartitionChangeKind.Left), new(2, 2, 1, Renamed), new(3, 2, 1, Renamed));

    [Fact]
    public void Between_SmallerOneJoins_OthersAreRenamed() => Check(
        [[2, 3]], [[1, 2, 3]], new(1, 1, null, Joined), new(2, 1, 2, Renamed), new(3, 1, 2, Renamed));

    [Fact]
    public void Between_SmallestLeavesAndRestComesApart_Split() => Check(
        [[1, 2, 3]], [[2], [3]], new(1, null, 1, PartitionChangeKind.Left), new(2, 2, 1, Split), new(3, 3, 1, Split));

    private static void Check(long[][] previous, long[][] current, params PartitionChange[] expected) =>
        Assert.Equal(expected, PartitionDiff.Between(Map(previous), Map(current)));

    private static Dictionary<long, long> Map(long[][] groups) =>
        groups.SelectMany(group => group.Select(id => (id, group[0]))).ToDictionary(pair => pair.id, pair => pair.Item2);
}
