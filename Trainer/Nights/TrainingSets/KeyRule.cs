namespace CpfPipeline.Nights.TrainingSets;

/// <summary>Which product a content shows by the keys of its live images.</summary>
internal static class KeyRule
{
    /// <summary>
    /// A global key wins; without one the key of a source, of several sources that of the first by name. Two different global keys, or two different keys of one
    /// source, contradict each other.
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
