using CpfPipeline.Vocabulary;
using MassTransit;

namespace CpfPipeline.Ingest.Submissions;

/// <summary>
/// An image as somebody submitted it: over HTTP, over the bus (<see cref="Contracts.SubmitImage"/>) or as a row of a feed. Every route
/// parses what it got into this once. <see cref="SubmissionRule"/> decides what it is worth. No member is required, because producers
/// leave fields out.
/// </summary>
[MessageUrn("CpfPipeline.Contracts:SubmitImage")]
[EntityName("CpfPipeline.Contracts:SubmitImage")]
public sealed record Submission
{
    public string? Source { get; init; }

    public string? ExternalId { get; init; }

    public string? Uri { get; init; }

    public string? ProductKey { get; init; }

    public string? KeyScope { get; init; }

    public long? Revision { get; init; }

    /// <summary>Whether it carries a revision that cannot be read. It is rejected then, and outranks nothing.</summary>
    public bool HasMalformedRevision { get; init; }

    /// <summary>The revision of a submission that carries none: when it was sent, or else received, in Unix milliseconds.</summary>
    public long SentAtMilliseconds { get; init; }

    /// <summary>What could not be understood, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>What is wrong with it but does not refuse it, or null.</summary>
    public string? Warning { get; init; }

    /// <summary>Reason code that goes with the problem.</summary>
    public string ProblemReason { get; init; } = RejectReasons.InvalidSubmission;

    /// <summary>Whether a feed's row could not be read so far as to know which image it means.</summary>
    public bool IsUnreadable { get; init; }
}
