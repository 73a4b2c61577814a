namespace CpfPipeline.Hosting.Outbox;

/// <summary>What was done with a page of the outbox.</summary>
/// <param name="Published">How many messages were published.</param>
/// <param name="Unreadable">Types of the messages that could not be read: they stay.</param>
/// <param name="Refused">Types of the messages that the broker refused, with its reason: they stay, and are tried again later.</param>
/// <param name="NextAfterSeq">Where the next page begins; null: this was the last one.</param>
internal sealed record SweptPage(
    int Published, IReadOnlyList<string> Unreadable, IReadOnlyList<(string Type, string Reason)> Refused, long? NextAfterSeq);
