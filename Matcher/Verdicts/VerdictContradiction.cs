using CpfPipeline.Data.Verdicts;

namespace CpfPipeline.Matcher.Verdicts;

/// <summary>Decides whether a new verdict contradicts those that stand.</summary>
/// <remarks>
/// <c>same</c> is transitive, so verdicts contradict each other exactly when a <c>different</c> lies within one closure of <c>same</c>
/// verdicts. Similarity plays no part in it.
/// </remarks>
internal static class VerdictContradiction
{
    /// <summary>
    /// The shortest chain of standing verdicts that rules the new one out, from its <c>ContentA</c> to its <c>ContentB</c>; empty when
    /// there is none. Of several shortest chains it is the one through the smallest content ids, so that the answer does not depend on the
    /// order of <paramref name="standing"/>.
    /// </summary>
    /// <param name="standing">At least the verdicts between contents tied to one of the two by <c>same</c> verdicts; one on the same two
    /// contents is ignored.</param>
    /// <param name="verdict">The new verdict.</param>
    public static IReadOnlyList<Verdict> Find(IReadOnlyCollection<Verdict> standing, Verdict verdict)
    {
        var (a, b) = (verdict.ContentA, verdict.ContentB);
        var others = standing.Where(v => (v.ContentA, v.ContentB) != (a, b)).OrderBy(v => v.ContentA).ThenBy(v => v.ContentB).ToArray();
        var tied = new Dictionary<long, List<Verdict>>();
        foreach (var same in others.Where(v => v.Same))
        {
            Add(same.ContentA, same);
            Add(same.ContentB, same);
        }

        var fromA = PathsFrom(a, tied);
        if (!verdict.Same)
        {
            return fromA.GetValueOrDefault(b) ?? [];
        }

        var fromB = PathsFrom(b, tied);
        IReadOnlyList<Verdict> shortest = [];
        foreach (var different in others.Where(v => !v.Same))
        {
            foreach (var (x, y) in new[] { (different.ContentA, different.ContentB), (different.ContentB, different.ContentA) })
            {
                if (fromA.TryGetValue(x, out var head) && fromB.TryGetValue(y, out var tail)
                    && (shortest.Count == 0 || head.Count + 1 + tail.Count < shortest.Count))
                {
                    shortest = [.. head, different, .. tail.Reverse()];
                }
            }
        }

        return shortest;

        void Add(long contentId, Verdict same)
        {
            if (!tied.TryGetValue(contentId, out var list))
            {
                tied[contentId] = list = [];
            }

            list.Add(same);
        }
    }

    /// <summary>For everything tied to a content, the shortest chain of <c>same</c> verdicts that leads there.</summary>
    private static Dictionary<long, IReadOnlyList<Verdict>> PathsFrom(long start, Dictionary<long, List<Verdict>> tied)
    {
        var paths = new Dictionary<long, IReadOnlyList<Verdict>> { [start] = [] };
        var queue = new Queue<long>([start]);
        while (queue.TryDequeue(out var at))
        {
            foreach (var same in tied.GetValueOrDefault(at) ?? [])
            {
                var next = same.ContentA == at ? same.ContentB : same.ContentA;
                if (paths.TryAdd(next, [.. paths[at], same]))
                {
                    queue.Enqueue(next);
                }
            }
        }

        return paths;
    }
}
