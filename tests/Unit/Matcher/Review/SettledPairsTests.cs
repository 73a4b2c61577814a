using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Verdicts;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Review;

public sealed class SettledPairsTests
{
    private const int Contents = 9;

    /// <summary>Verdicts that do not contradict each other: those that do are left out, as when they are taken in turn.</summary>
    internal static readonly Gen<Verdict[]> Verdicts =
        Gen.Select(Gen.Long[0, Contents - 1], Gen.Long[0, Contents - 1], Gen.Bool).Where((a, b, _) => a != b).Array[0, 14].Select(words =>
        {
            var standing = new Dictionary<(long, long), Verdict>();
            foreach (var (x, y, same) in words)
            {
                var verdict = new Verdict(Math.Min(x, y), Math.Max(x, y), same);
                if (VerdictContradiction.Find(standing.Values, verdict).Count == 0)
                {
                    standing[(verdict.ContentA, verdict.ContentB)] = verdict;
                }
            }

            return standing.Values.ToArray();
        });

    [Fact]
    public void Contains_AnyVerdicts_IsTrueForExactlyWhatFollows() => Verdicts.Sample(verdicts =>
    {
        var (settled, naive) = (new SettledPairs(verdicts), NaiveClosure.Of(verdicts, Contents));
        for (long a = 0; a < Contents; a++)
        {
            for (long b = 0; b < Contents; b++)
            {
                Assert.Equal(naive[a, b] is not null, settled.Contains(a, b));
                Assert.Equal(naive[a, b] == true, settled.AreSame(a, b));
                Assert.Equal(naive[a, b] == false, settled.AreDifferent(a, b));
            }
        }
    });

    [Fact]
    public void Of_AnyAnswer_NamesExactlyWhatItSettles() =>
        Gen.Select(Verdicts, Gen.Long[0, Contents - 1], Gen.Long[0, Contents - 1], Gen.Bool).Where((_, a, b, _) => a < b)
            .Sample((before, a, b, same) =>
            {
                var answer = new Verdict(a, b, same);
                if (VerdictContradiction.Find(before, answer).Count > 0 || before.Any(v => (v.ContentA, v.ContentB) == (a, b)))
                {
                    return;
                }

                var (was, isNow) = (NaiveClosure.Of(before, Contents), NaiveClosure.Of([.. before, answer], Contents));
                var expected = Pairs().Where(p => was[p.A, p.B] is null && isNow[p.A, p.B] is not null).ToList();
                var named = NewlySettled.Of(before, answer).SelectMany(block => block.Left.SelectMany(x => block.Right.Select(y =>
                    (A: Math.Min(x, y), B: Math.Max(x, y))))).ToList();
                Assert.Equal(expected, named.Order());
            });

    private static IEnumerable<(long A, long B)> Pairs()
    {
        for (long a = 0; a < Contents; a++)
        {
            for (var b = a + 1; b < Contents; b++)
            {
                yield return (a, b);
            }
        }
    }
}
