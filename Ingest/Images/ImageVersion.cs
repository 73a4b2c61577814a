using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Images;

/// <summary>What one submission, failed submission or retraction says of an image.</summary>
internal sealed record ImageVersion
{
    /// <summary>The state it wants.</summary>
    public required string State { get; init; }

    /// <summary>The producer's revision, or <see cref="ImageChange.NoRevision"/>.</summary>
    public required long Revision { get; init; }

    /// <summary>The content. Set when stored; kept for history when retracted.</summary>
    public long? ContentId { get; init; }

    public string? ProductKey { get; init; }

    public string KeyScope { get; init; } = ProductKeyScope.Source;

    public string Uri { get; init; } = "";

    /// <summary>Reason code when rejected.</summary>
    public string? Reason { get; init; }

    public string? Detail { get; init; }

    /// <summary>Whether its revision could not be read. Such a failure is shown, but ranks below every revision.</summary>
    public bool HasNoRevision => Revision == ImageChange.NoRevision;

    /// <summary>The failure as it stands beside a live content: with what was submitted, so that it can be asked for again.</summary>
    public ImageVersion AsFailure() => this with { ContentId = null };
}
