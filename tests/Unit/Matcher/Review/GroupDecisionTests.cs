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

            var changes = GroupDecision.Changes(
                splits ? GroupDecision.Split : GroupDecision.Same, chosen, others, new SettledPairs(standing));
            var given = new List<Verdict>(standing);
            foreach (var change in changes)
            {
                var verdict = new Verdict(change.ContentA, change.ContentB, !splits);
                if (VerdictContradiction.Find(given, verdict).Count > 0)
                {
                    return; // It is refused as a whole.
                }

                // Each says something that did not follow before.
                Assert.False(new SettledPairs(given).Contains(verdict.ContentA, verdict.ContentB));
                given.Add(verdict);
            }

            var naive = NaiveClosure.Of(given, Contents);
            Assert.All(chosen.SelectMany(a => (splits ? others : chosen).Select(b => naive[a, b])), word => Assert.Equal(!splits, word));
        });

    [Fact]
    public void Changes_Placeholder_AreNone() =>
        Assert.Empty(GroupDecision.Changes(GroupDecision.Placeholder, [1, 2], [3], new SettledPairs([])));
}
