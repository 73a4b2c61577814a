using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Images;

/// <summary>What a submission or retraction asks for. <see cref="RevisionRule"/> decides what the image's row becomes.</summary>
internal sealed record ImageChange
{
    /// <summary>
    /// The revision of a rejected submission whose revision could not be read: below all others, so that it outranks nothing.
    /// </summary>
    public const long NoRevision = long.MinValue;

    /// <summary>UUID v5 of source and external id.</summary>
    public required Guid ImageId { get; init; }

    /// <summary>The feed or seller.</summary>
    public required string Source { get; init; }

    /// <summary>The source's own name of the image.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Where the bytes came from; empty for a retraction.</summary>
    public string Uri { get; init; } = "";

    /// <summary>Identity of the product, or null; never empty.</summary>
    public string? ProductKey { get; init; }

    /// <summary><c>global</c> or <c>source</c>; <c>source</c> without a product key.</summary>
    public string KeyScope { get; init; } = ProductKeyScope.Source;

    /// <summary>The producer's revision.</summary>
    public required long Revision { get; init; }

    /// <summary>The state it wants.</summary>
    public required string State { get; init; }

    /// <summary>The content; set exactly when the state is stored.</summary>
    public ContentFacts? Content { get; init; }

    /// <summary>Reason code; set exactly when the state is rejected.</summary>
    public string? RejectReason { get; init; }

    /// <summary>What was wrong, for a person.</summary>
    public string? RejectDetail { get; init; }

    /// <summary>The change without its image.</summary>
    public ImageVersion Version => new()
    {
        State = State, Revision = Revision, ContentId = Content?.ContentId, ProductKey = ProductKey, KeyScope = KeyScope, Uri = Uri,
        Reason = RejectReason, Detail = RejectDetail,
    };
}
