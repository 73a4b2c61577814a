using System.Numerics;

namespace CpfPipeline.Tests.Oracle;

/// <summary>
/// What a match group is, word by word and by plain loops: the oracle of everything faster. Shares no code with what it checks. O(n^3).
/// </summary>
public static class NaiveMatching
{
    /// <summary>Groups the given contents (content id -> embedding).</summary>
    public static NaivePartition Partition(
        IReadOnlyDictionary<long, Half[]> embeddings, double tau, IReadOnlyCollection<(long A, long B)> same,
        IReadOnlyCollection<(long A, long B)> different)
    {
        var ids = embeddings.Keys.Order().ToArray();
        var totals = new BigInteger[ids.Length, ids.Length];
        var edge = new bool[ids.Length, ids.Length];
        var linked = new bool[ids.Length, ids.Length];
        var apart = new bool[ids.Length, ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            for (var j = 0; j < ids.Length; j++)
            {
                totals[i, j] = Similarity(embeddings[ids[i]], embeddings[ids[j]]);
                linked[i, j] = Has(same, ids[i], ids[j]);
                apart[i, j] = Has(different, ids[i], ids[j]);
                edge[i, j] = i != j && (linked[i, j] || (Reaches(totals[i, j], 1, tau) && !apart[i, j]));
            }
        }

        var component = Closure(ids.Length, edge);
        var closure = Closure(ids.Length, linked);
        var members = new SortedDictionary<int, List<int>>(Enumerable.Range(0, ids.Length).ToDictionary(i => i, i => new List<int> { i }));
        var merges = new List<(long Left, long Right, double Height)>();
        for (var i = 0; i < ids.Length; i++)
        {
            if (closure[i] != i)
            {
                Merge(closure[i], i);
            }
        }

        // By closure, then by member: the order in which the merges of verdicts are listed.
        merges.Sort();
        while (Best() is var (left, right))
        {
            Merge(left, right);
        }

        return new NaivePartition
        {
            Groups = members.SelectMany(group => group.Value, (group, i) => (group.Key, i))
                .ToDictionary(pair => ids[pair.i], pair => ids[pair.Key]),
            Components = Enumerable.Range(0, ids.Length).ToDictionary(i => ids[i], i => ids[component[i]]),
            Merges = merges,
        };

        void Merge(int left, int right)
        {
            var (total, pairs) = Cross(left, right);
            merges.Add((ids[left], ids[right], Quotient(total, pairs)));
            members[left].AddRange(members[right]);
            members.Remove(right);
        }

        (BigInteger Total, int Pairs) Cross(int left, int right)
        {
            var total = BigInteger.Zero;
            foreach (var i in members[left])
            {
                foreach (var j in members[right])
                {
                    total += totals[i, j];
                }
            }

            return (total, members[left].Count * members[right].Count);
        }

        (int Left, int Right)? Best()
        {
            (int Left, int Right)? best = null;
            var (bestTotal, bestPairs) = (BigInteger.Zero, 1);
            foreach (var left in members.Keys)
            {
                foreach (var right in members.Keys)
                {
                    if (left >= right || component[left] != component[right] || Separated(left, right))
                    {
                        continue;
                    }

                    // Pairs come by rising ids, so a tie keeps the earlier one.
                    var (total, pairs) = Cross(left, right);
                    if (Reaches(total, pairs, tau) && (best is null || total * bestPairs > bestTotal * pairs))
                    {
                        (best, bestTotal, bestPairs) = ((left, right), total, pairs);
                    }
                }
            }

            return best;
        }

        bool Separated(int left, int right) => members[left].Exists(i => members[right].Exists(j => apart[i, j]));
    }

    /// <summary>Dot product in units of 2^-48.</summary>
    public static BigInteger Similarity(ReadOnlySpan<Half> left, ReadOnlySpan<Half> right)
    {
        Int128 sum = 0;
        for (var k = 0; k < left.Length; k++)
        {
            sum += (Int128)Units(left[k]) * Units(right[k]);
        }

        return sum;
    }

    /// <summary>Whether total 2^-48 / pairs >= tau, with tau taken as the exact binary fraction it is.</summary>
    public static bool Reaches(BigInteger total, int pairs, double tau)
    {
        // Every finite double is an integer of 2^-1074.
        var bits = BitConverter.DoubleToInt64Bits(tau);
        var exponent = (int)((bits >> 52) & 0x7ff);
        var fraction = bits & ((1L << 52) - 1);
        var units = (BigInteger)(exponent == 0 ? fraction : fraction | (1L << 52)) << Math.Max(0, exponent - 1);
        return total << (1074 - 48) >= (tau < 0 ? -units : units) * pairs;
    }

    /// <summary>total 2^-48 / pairs as double.</summary>
    public static double Quotient(BigInteger total, int pairs) => (double)total / Math.ScaleB(1, 48) / pairs;

    private static long Units(Half value) => (long)((double)value * 16777216);

    private static bool Has(IReadOnlyCollection<(long A, long B)> pairs, long a, long b) =>
        a != b && (pairs.Contains((a, b)) || pairs.Contains((b, a)));

    private static int[] Closure(int count, bool[,] related)
    {
        var label = Enumerable.Range(0, count).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < count; j++)
                {
                    if (related[i, j] && label[j] < label[i])
                    {
                        label[i] = label[j];
                        changed = true;
                    }
                }
            }
        }

        return label;
    }
}
