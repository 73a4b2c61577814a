namespace CpfPipeline.CommandLine;

/// <summary>Finds the word that somebody who misspelt one probably meant.</summary>
public static class ClosestWord
{
    /// <summary>The known word that the fewest slips away from <paramref name="word"/>; null when none is close.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What could have been meant; of equally close ones the first is taken.</param>
    public static string? Of(string word, IEnumerable<string> known)
    {
        string? closest = null;
        var fewest = MaxSlips(word) + 1;
        foreach (var candidate in known)
        {
            var slips = candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase) && word.TrimStart('-').Length >= 3
                ? 1
                : Slips(word, candidate);
            if (slips < fewest)
            {
                (closest, fewest) = (candidate, slips);
            }
        }

        return closest;
    }

    /// <summary><c>; did you mean WORD?</c>, or nothing.</summary>
    public static string Hint(string word, IEnumerable<string> known) => Of(word, known) is { } closest ? $"; did you mean {closest}?" : "";

    // One slip in three letters, rounded. With more, short words would be close to anything.
    private static int MaxSlips(string word) => Math.Max(1, (word.TrimStart('-').Length + 1) / 3);

    /// <summary>
    /// Letters to insert, remove, replace or swap with their neighbour (Damerau and Levenshtein, in its restricted form).
    /// </summary>
    private static int Slips(string from, string to)
    {
        var (before, previous, current) = (new int[to.Length + 1], new int[to.Length + 1], new int[to.Length + 1]);
        for (var j = 0; j <= to.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= from.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = previous[j - 1] + (Same(from[i - 1], to[j - 1]) ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && Same(from[i - 1], to[j - 2]) && Same(from[i - 2], to[j - 1]))
                {
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
                }
            }

            (before, previous, current) = (previous, current, before);
        }

        return previous[to.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
