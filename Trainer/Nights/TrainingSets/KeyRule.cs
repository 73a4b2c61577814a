namespace CpfPipeline.Nights.TrainingSets;

/// <summary>Which product a content shows by the keys of its live images.</summary>
internal static class KeyRule
{
    /// <summary>
    /// A global key wins. Without one it is the key of a source, and with several sources that of the first by name. Two different global
    /// keys contradict each other, and so do two different keys of one source.
    /// </summary>
    /// <param name="keys">Of one content, in any order.</param>
    /// <returns>The class, if any; and whether the keys contradict each other, in which case there is none.</returns>
    public static (ClassKey? Class, bool IsConflict) Decide(IEnumerable<ContentKey> keys)
    {
        ClassKey? first = null;
        foreach (var scope in keys.GroupBy(k => k.Source))
        {
            var key = new ClassKey(scope.Key, scope.First().Key);
            if (scope.Any(k => k.Key != key.Key))
            {
                return (null, true);
            }

            first = first is { } known && known.CompareTo(key) < 0 ? known : key;
        }

        return (first, false);
    }
}
