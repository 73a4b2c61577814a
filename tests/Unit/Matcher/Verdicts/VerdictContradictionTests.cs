using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Verdicts;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Verdicts;

public sealed class VerdictContradictionTests
{
    [Fact]
    public void Find_DifferentWithinAClosure_NamesTheChainFromOneToTheOther()
    {
        Verdict[] standing = [new(1, 5, true), new(3, 5, true), new(2, 3, true)];

        Assert.Equal([new Verdict(1, 5, true), new Verdict(3, 5, true)], VerdictContradiction.Find(standing, new Verdict(1, 3, false)));
    }

    [Fact]
    public void Find_SameAcrossADifferent_NamesTheDifferentAndWhatTiesItToBothEnds()
    {
        Verdict[] standing = [new(1, 2, true), new(2, 4, false), new(4, 9, true), new(7, 8, false)];

        Assert.Equal(
            [new Verdict(1, 2, true), new Verdict(2, 4, false), new Verdict(4, 9, true)],
            VerdictContradiction.Find(standing, new Verdict(1, 9, true)));
    }

    [Fact]
    public void Find_ChangeOfMind_IsNoContradictionToItself()
    {
        Assert.Empty(VerdictContradiction.Find([new(1, 2, true)], new Verdict(1, 2, false)));
        Assert.Empty(VerdictContradiction.Find([new(1, 2, false)], new Verdict(1, 2, true)));
    }

    [Fact]
    public void Find_AnyVerdictsTakenInTurn_RefusesExactlyThoseThatLeaveADifferentWithinAClosure() =>
        Gen.Select(Gen.Long[0, 7], Gen.Long[0, 7], Gen.Bool).Where((a, b, _) => a != b).Array[1, 30].Sample(words =>
        {
            var standing = new Dictionary<(long, long), Verdict>();
            foreach (var (x, y, same) in words)
            {
                var verdict = new Verdict(Math.Min(x, y), Math.Max(x, y), same);
                var chain = VerdictContradiction.Find(standing.Values, verdict);
                var after = new Dictionary<(long, long), Verdict>(standing) { [(verdict.ContentA, verdict.ContentB)] = verdict };
                Assert.Equal(IsConsistent(after.Values), chain.Count == 0);
                if (chain.Count == 0)
                {
                    standing = after;
                    continue;
                }

                AssertLeads(chain, verdict);
                Assert.Equal(chain, VerdictContradiction.Find([.. standing.Values.Reverse()], verdict));
            }
        });

    private static void AssertLeads(IReadOnlyList<Verdict> chain, Verdict refused)
    {
        Assert.Equal(refused.Same ? 1 : 0, chain.Count(v => !v.Same));
        var at = refused.ContentA;
        foreach (var step in chain)
        {
            Assert.True(at == step.ContentA || at == step.ContentB);
            at = at == step.ContentA ? step.ContentB : step.ContentA;
        }

        Assert.Equal(refused.ContentB, at);
    }

    private static bool IsConsistent(IEnumerable<Verdict> verdicts)
    {
        var root = Enumerable.Range(0, 8).ToArray();
        foreach (var same in verdicts.Where(v => v.Same))
        {
            var (from, to) = (root[same.ContentA], root[same.ContentB]);
            for (var i = 0; i < root.Length; i++)
            {
                root[i] = root[i] == from ? to : root[i];
            }
        }

        return verdicts.All(v => v.Same || root[v.ContentA] != root[v.ContentB]);
    }
}
