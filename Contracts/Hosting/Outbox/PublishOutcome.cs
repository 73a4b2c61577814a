namespace CpfPipeline.Hosting.Outbox;

/// <summary>What came of one message that was published.</summary>
/// <param name="Kind">What the broker did.</param>
/// <param name="Reason">Why it did not confirm; empty when it did.</param>
internal readonly record struct PublishOutcome(PublishOutcomeKind Kind, string Reason)
{
    /// <summary>The broker has the message.</summary>
    public static PublishOutcome Confirmed => new(PublishOutcomeKind.Confirmed, "");

    public bool IsConfirmed => Kind == PublishOutcomeKind.Confirmed;
}
