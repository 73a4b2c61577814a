using CpfPipeline.Data.Verdicts;

namespace CpfPipeline.Tests.Unit.Matcher.Review;

/// <summary>What verdicts imply, by going over all of them until nothing new follows.</summary>
internal static class NaiveClosure
{
    /// <summary>
    /// The words on all pairs of contents 0 to <paramref name="count"/> - 1 that are said or follow; null where none does.
    /// </summary>
    public static bool?[,] Of(IReadOnlyCollection<Verdict> verdicts, int count)
    {
        var words = new bool?[count, count];
        for (var i = 0; i < count; i++)
        {
            words[i, i] = true;
        }

        foreach (var v in verdicts)
        {
            words[v.ContentA, v.ContentB] = words[v.ContentB, v.ContentA] = v.Same;
        }

        for (var changed = true; changed;)
        {
            changed = false;
            for (var a = 0; a < count; a++)
            {
                for (var b = 0; b < count; b++)
                {
                    for (var c = 0; c < count; c++)
                    {
                        if (words[a, b] == true && words[b, c] is { } word && words[a, c] is null)
                        {
                            (words[a, c], words[c, a], changed) = (word, word, true);
                        }
                    }
                }
            }
        }

        return words;
    }
}
