using CpfPipeline.Contracts;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Intake;

/// <summary>The messages about a batch.</summary>
internal static class IntakeMessages
{
    private const int MaxIds = 1000;

    /// <summary>The events of the applied changes.</summary>
    public static IEnumerable<object> Events(BatchEffects effects) =>
    [
        .. effects.StoredContents.Select(id => new ContentStored { ContentId = id }),
        .. effects.ReleasedContents.Chunk(MaxIds).Select(ids => new ContentReleased { ContentIds = ids }),
        .. effects.Rejections.Select(Rejected),
    ];

    /// <summary>The command to fetch an announced image.</summary>
    public static SubmitImage Submit(ImageEntry entry) => new()
    {
        Source = entry.Source,
        ExternalId = entry.ExternalId,
        Uri = entry.Uri,
        ProductKey = entry.ProductKey,
        KeyScope = entry.KeyScope,
        Revision = entry.Revision,
    };

    private static ImageRejected Rejected(ImageChange change) => new()
    {
        ImageId = change.ImageId,
        Source = change.Source,
        ExternalId = change.ExternalId,
        Revision = change.Revision == ImageChange.NoRevision ? 0 : change.Revision,
        Reason = change.RejectReason!,
        Detail = change.RejectDetail,
    };
}
