using CpfPipeline.Ingest.Images;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Submissions;

/// <summary>A submission or retraction with a valid identity. It can be applied, even if only as a rejection.</summary>
internal sealed record ImageEntry
{
    public required string Source { get; init; }

    public required string ExternalId { get; init; }

    /// <summary>Where the bytes are. For an upload: what is recorded as their origin.</summary>
    public string Uri { get; init; } = "";

    public string? ProductKey { get; init; }

    public string KeyScope { get; init; } = ProductKeyScope.Source;

    public required long Revision { get; init; }

    /// <summary>Whether the image is retracted rather than submitted.</summary>
    public bool Retract { get; init; }

    /// <summary>The bytes of an upload. Without them the URI is fetched.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Folder of the operator's feed, below which files may be read; or null.</summary>
    public string? FeedFolder { get; init; }

    /// <summary>What is wrong with the submission but does not refuse it, or null.</summary>
    public string? Warning { get; init; }

    /// <summary>Reason code when the submission itself is refused already.</summary>
    public string? Reason { get; init; }

    /// <summary>What was wrong, for a person.</summary>
    public string? Detail { get; init; }

    public Guid ImageId => Data.Ids.ImageId.From(Source, ExternalId);

    /// <summary>The change that it asks for, in the given state and without what belongs to that state.</summary>
    public ImageChange ToChange(string state) => new()
    {
        ImageId = ImageId,
        Source = Source,
        ExternalId = ExternalId,
        Uri = state == ImageState.Retracted ? "" : Uri,
        ProductKey = state == ImageState.Retracted ? null : ProductKey,
        KeyScope = state == ImageState.Retracted ? ProductKeyScope.Source : KeyScope,
        Revision = Revision,
        State = state,
    };

    /// <summary>The change when it is rejected.</summary>
    public ImageChange ToRejection(string reason, string? detail) =>
        ToChange(ImageState.Rejected) with { RejectReason = reason, RejectDetail = detail };
}
