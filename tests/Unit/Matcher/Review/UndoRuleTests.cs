using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Verdicts;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Review;

public sealed class UndoRuleTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 5, 6, 0, TimeSpan.Zero);

    [Fact]
    public void Inverse_AChange_GivesBackWhatStoodBefore()
    {
        Assert.Equal(new VerdictChange(1, 2, "withdrawn", 7), UndoRule.Inverse(Event(7, null, "same")));
        Assert.Equal(new VerdictChange(1, 2, "different", 8), UndoRule.Inverse(Event(8, "different", "same")));
        Assert.Equal(new VerdictChange(1, 2, "same", 9), UndoRule.Inverse(Event(9, "same", null)));
    }

    [Fact]
    public void Problem_TheLastChange_IsNone() =>
        Assert.Null(UndoRule.Problem([Event(1, null, "same"), Event(2, "same", "different")], Event(2, "same", "different")));

    [Fact]
    public void Problem_ChangedByAnotherSince_NamesWhoSaidWhatWhen()
    {
        var problem = UndoRule.Problem([Event(1, null, "same"), Event(2, "same", "different", who: "bob")], Event(1, null, "same"));
        Assert.StartsWith("bob said 'different' since, 2026-03-04 05:06 UTC.", problem, StringComparison.Ordinal);
        Assert.StartsWith(
            "bob withdrew the verdict since",
            UndoRule.Problem([Event(1, null, "same"), Event(2, "same", null, who: "bob")], Event(1, null, "same")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Problem_TakenBackAlready_SaysSo() => Assert.StartsWith(
        "bob took this back already", UndoRule.Problem([Event(1, null, "same"), Event(2, "same", null, 1, "bob")], Event(1, null, "same")),
        StringComparison.Ordinal);

    [Fact]
    public void Problem_LaterChangeThatWasTakenBack_DoesNotStandInTheWay()
    {
        VerdictEvent[] history = [Event(1, null, "same"), Event(2, "same", "different"), Event(3, "different", "same", 2)];
        Assert.Null(UndoRule.Problem(history, history[0]));
        Assert.NotNull(UndoRule.Problem(history, history[1]));

        // The undo was undone: the change counts again.
        VerdictEvent[] redone = [.. history, Event(4, "same", "different", 3)];
        Assert.NotNull(UndoRule.Problem(redone, redone[0]));
        Assert.Null(UndoRule.Problem(redone, redone[1]));
    }

    private static VerdictEvent Event(long seq, string? before, string? after, long? undoes = null, string who = "ann") =>
        new(seq, 1, 2, before, after, who, At, undoes);
}
