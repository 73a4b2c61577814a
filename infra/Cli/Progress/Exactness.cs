using System.Globalization;

namespace CpfPipeline.Cli.Progress;

/// <summary>Whether the match groups are exact: what an exact comparison of all images would give.</summary>
/// <param name="Word"><see cref="ExactWord"/>, <see cref="InexactWord"/> or <see cref="UnknownWord"/>.</param>
/// <param name="Reasons">What is left to do and how much of it, or what is not known. Empty when exact.</param>
internal sealed record Exactness(string Word, IReadOnlyList<string> Reasons)
{
    /// <summary>Nothing is left that could change a group.</summary>
    public const string ExactWord = "exact";

    /// <summary>Something is left.</summary>
    public const string InexactWord = "not exact";

    /// <summary>Nothing is known to be left, but not everything is known.</summary>
    public const string UnknownWord = "unknown";

    public bool IsExact => Word == ExactWord;

    /// <summary>Decides: exact only when all figures are known and zero.</summary>
    public static Exactness Of(WorkLeft left)
    {
        (string What, long? Count)[] figures =
        [
            ("unmatched", left.Unmatched),
            ("pending", left.Pending),
            ("not reconciled", left.Unreconciled),
            ("messages to publish", left.Outbox),
            .. left.Queues is null
                ? [("messages in the queues", (long?)null)]
                : left.Queues.Where(q => WorkLeft.IsConsumed(q.Key))
                    .OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => ($"messages in {q.Key}", (long?)q.Value)),
        ];
        List<string> waiting = [.. figures.Where(f => f.Count > 0)
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Count} {f.What}"))];
        List<string> unknown = [.. figures.Where(f => f.Count is null).Select(f => $"unknown: {f.What}")];
        return new(waiting.Count > 0 ? InexactWord : unknown.Count > 0 ? UnknownWord : ExactWord, [.. waiting, .. unknown]);
    }

    public override string ToString() => Reasons.Count == 0 ? Word : $"{Word}: {string.Join(", ", Reasons)}";
}
