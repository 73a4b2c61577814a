using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Verdicts;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Review;

public sealed class GroupDecisionTests
{
    private const int Contents = 9;

    [Fact]
    public void Changes_AnyChoice_SayItWithTheFewestVerdicts() =>
        Gen.Select(SettledPairsTests.Verdicts, Gen.Int[1, (1 << Contents) - 2], Gen.Bool).Sample((standing, mask, splits) =>
        {
            var chosen = Enumerable.Range(0, Contents).Where(i => (mask >> i & 1) == 1).Select(i => (long)i).ToList();
            var others = Enumerable.Range(0, Contents).Select(i => (long)i).Except(chosen).ToList();

            var changes = GroupDecision.Changes(splits ? GroupDecision.Split : GroupDecision.Same, chosen, others, standing);
            var given = standing.ToDictionary(v => (v.ContentA, v.ContentB));
            var replaced = changes.Select(c => (c.ContentA, c.ContentB)).Where(given.Remove).ToHashSet(); // As the transaction does.
            foreach (var change in changes)
            {
                var verdict = new Verdict(change.ContentA, change.ContentB, !splits);
                if (VerdictContradiction.Find(given.Values, verdict).Count > 0)
                {
                    Assert.False(splits, "All pictures are in the group: nothing can stand against a split of it.");
                    return; // It is refused as a whole.
                }

                // Each replaces a word or says something that did not follow before.
                Assert.True(
                    replaced.Contains((verdict.ContentA, verdict.ContentB))
                    || NaiveClosure.Of(given.Values, Contents)[verdict.ContentA, verdict.ContentB] != !splits);
                given[(verdict.ContentA, verdict.ContentB)] = verdict;
            }

            var naive = NaiveClosure.Of(given.Values, Contents);
            Assert.All(chosen.SelectMany(a => (splits ? others : chosen).Select(b => naive[a, b])), word => Assert.Equal(!splits, word));
        });

    [Fact]
    public void Changes_SplitFromBothNeighboursInAClosure_ReplacesBothWords() => Assert.Equal(
        [new VerdictChange(2, 4, "different"), new VerdictChange(4, 5, "different")],
        GroupDecision.Changes(GroupDecision.Split, [4], [2, 5], [new(2, 4, true), new(4, 5, true)]));

    [Fact]
    public void Changes_Placeholder_AreNone() =>
        Assert.Empty(GroupDecision.Changes(GroupDecision.Placeholder, [1, 2], [3], []));
}
