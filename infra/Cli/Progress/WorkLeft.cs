namespace CpfPipeline.Cli.Progress;

/// <summary>Work that may still change match groups. Null where it is not known.</summary>
/// <param name="Unmatched">Images not fetched or not in a group yet, placeholders apart.</param>
/// <param name="Pending">Images or contents whose component is still being regrouped.</param>
/// <param name="Unreconciled">Images or contents that were not joined exactly yet.</param>
/// <param name="Queues">Waiting messages by queue.</param>
/// <param name="Outbox">Messages that wait to be published.</param>
internal sealed record WorkLeft(
    long? Unmatched, long? Pending, long? Unreconciled, IReadOnlyDictionary<string, long>? Queues, long? Outbox)
{
    /// <summary>Whether messages wait that services are going to take.</summary>
    public bool HasMessages => Outbox > 0 || Queues?.Any(q => IsConsumed(q.Key) && q.Value > 0) == true;

    /// <summary>
    /// Whether a service takes messages of a queue and may change a group by them. Those that failed are kept for a person to look at, and
    /// tiles of a join are of a model that is not active yet.
    /// </summary>
    public static bool IsConsumed(string queue) => queue is not ("cpf.dead-letter" or "cpf.join-tile")
        && !queue.EndsWith("_error", StringComparison.Ordinal) && !queue.EndsWith("_skipped", StringComparison.Ordinal);
}
