using CpfPipeline.Matcher.Reconcile;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Reconcile;

public sealed class IndexPaceTests
{
    [Theory]
    [InlineData(true, 14, false)]
    [InlineData(true, 15, true)]
    [InlineData(false, 15, false)]
    [InlineData(false, 299, false)]
    [InlineData(false, 300, true)] // Work that never ends does not keep it away for ever.
    public void IsDue_IdleOrLongBusy_SaysWhen(bool idle, int secondsSinceLast, bool due) =>
        Assert.Equal(due, IndexPace.IsDue(idle, TimeSpan.FromSeconds(secondsSinceLast)));

    [Theory]
    [InlineData(false, 19_999, false)]
    [InlineData(false, 20_000, true)]
    [InlineData(true, 20_000, false)]
    public void Pays_EnoughMembersAndNoIndex_SaysWhether(bool indexed, long members, bool pays) =>
        Assert.Equal(pays, IndexPace.Pays(indexed, members, atContents: 20_000));
}
