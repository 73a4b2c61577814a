using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Stores;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Grouping;

public sealed class ChangeSetTests
{
    [Fact]
    public void Build_UnchangedMember_IsNotWritten()
    {
        var changes = new ChangeSet();
        var member = new GroupMember(1, 1, 1, false);
        changes.Stay(member, member);

        Assert.True(changes.Build().IsEmpty);
    }

    [Fact]
    public void Build_ArrivalMerges_WritesAndTellsWhatChanged()
    {
        var changes = new ChangeSet();
        changes.Join(new GroupMember(2, 1, 1, false));
        changes.Stay(new GroupMember(1, 1, 1, false), new GroupMember(1, 1, 1, false));
        changes.Stay(new GroupMember(5, 5, 5, false), new GroupMember(5, 1, 1, false));
        changes.Replace([new GroupMember(1, 1, 1, false), new GroupMember(5, 5, 5, false)], [new GroupRow(1, 3, .8, 2, .9)],
            [new MergeRow(1, 2, .95), new MergeRow(1, 5, .9)]);

        var built = changes.Build();

        Assert.Equal([2L], built.Inserts.Select(m => m.ContentId));
        Assert.Equal([5L], built.Updates.Select(m => m.ContentId));
        Assert.Equal([5L], built.DeletedGroups);
        Assert.Equal([1L], built.DeletedMerges);
        Assert.Equal([("joined", 2L), ("merged", 5L)], built.Events.Select(e => (e.Kind, e.ContentId)));
    }

    [Fact]
    public void Of_ManyGroups_IsSeveralMessagesOfTheWholeRange()
    {
        var events = Enumerable.Range(0, 2_500).Select(i => new GroupEvent("joined", i, i, null)).ToArray();

        var messages = Announcement.Of(3, events, (10, 2_509)).Cast<CpfPipeline.Contracts.MatchGroupsChanged>().ToArray();

        Assert.Equal([1000, 1000, 500], messages.Select(m => m.GroupIds.Count));
        Assert.All(messages, m => Assert.Equal((3L, 10L, 2_509L), (m.ModelId, m.FirstSeq, m.LastSeq)));
        Assert.Empty(Announcement.Of(3, [], null));
    }
}
