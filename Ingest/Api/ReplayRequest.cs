namespace CpfPipeline.Ingest.Api;

/// <summary>What to put back. What is left out does not matter.</summary>
internal sealed record ReplayRequest
{
    /// <summary>Failed messages, or with true rejected images and failed updates of live ones.</summary>
    public bool Images { get; init; }

    /// <summary>
    /// Puts nothing back. Messages are taken out of their queues of failed messages and laid behind the others to be looked at; images are
    /// only read.
    /// </summary>
    public bool DryRun { get; init; }

    /// <summary>Of messages: the queue in which they failed, or in which they lie.</summary>
    public string? Queue { get; init; }

    /// <summary>Of messages: part of the exception's type or text. Of images: a reason code.</summary>
    public string? Reason { get; init; }

    /// <summary>Source of the images.</summary>
    public string? Source { get; init; }

    /// <summary>Failed at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Failed before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>At most so many.</summary>
    public long? Limit { get; init; }
}
