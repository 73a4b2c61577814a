using CpfPipeline.Data.Verdicts;

namespace CpfPipeline.Matcher.Review;

/// <summary>What follows from an answer that did not follow before. Pure.</summary>
internal static class NewlySettled
{
    /// <summary>
    /// Blocks of contents: every pair across the two sides of one is settled by the answer and was not before. The answered pair is among
    /// them. Empty when the answer was implied already.
    /// </summary>
    /// <param name="before">The verdicts that stood, at least those on contents that are the same as one of the two, and those among what
    /// these are different from.</param>
    /// <param name="answer">The answer; it contradicts none of them.</param>
    public static IReadOnlyList<(IReadOnlyList<long> Left, IReadOnlyList<long> Right)> Of(
        IReadOnlyCollection<Verdict> before, Verdict answer)
    {
        var settled = new SettledPairs(before);
        if (settled.Contains(answer.ContentA, answer.ContentB))
        {
            return [];
        }

        var closures = before.SelectMany(v => new[] { v.ContentA, v.ContentB }).Append(answer.ContentA).Append(answer.ContentB)
            .Distinct().Order().GroupBy(settled.ClosureOf).ToDictionary(c => c.Key, c => (IReadOnlyList<long>)[.. c]);
        var (a, b) = (settled.ClosureOf(answer.ContentA), settled.ClosureOf(answer.ContentB));
        List<(IReadOnlyList<long>, IReadOnlyList<long>)> blocks = [(closures[a], closures[b])];
        if (answer.Same)
        {
            foreach (var (other, contents) in closures.OrderBy(c => c.Key))
            {
                if (settled.AreDifferent(other, a) != settled.AreDifferent(other, b))
                {
                    blocks.Add((closures[settled.AreDifferent(other, a) ? b : a], contents));
                }
            }
        }

        return blocks;
    }
}
