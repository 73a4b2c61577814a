namespace CpfPipeline.Hosting.Outbox;

/// <summary>What a broker did with a message.</summary>
internal enum PublishOutcomeKind
{
    /// <summary>It has it.</summary>
    Confirmed,

    /// <summary>It answered that it does not take this message.</summary>
    Refused,

    /// <summary>It closed the channel, on which other messages were on their way too: any of them may be to blame.</summary>
    Suspected,

    /// <summary>It did not answer.</summary>
    Unanswered,
}
