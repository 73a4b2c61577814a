using CpfPipeline.Contracts;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>The messages that go with a change.</summary>
internal static class EmbeddingMessages
{
    private const int MaxIdsPerMessage = 1_000;

    /// <summary>
    /// One <see cref="ContentsEmbedded"/> a head and 1,000 contents, the contents that these replaced, then the failed contents one by
    /// one.
    /// </summary>
    public static IReadOnlyCollection<object> ForEmbedded(
        IReadOnlyDictionary<long, IReadOnlyList<long>> byHead, IEnumerable<long> replaced, IEnumerable<long> failed) =>
    [
        .. byHead.OrderBy(entry => entry.Key).SelectMany(
            entry => entry.Value.Order()
                .Chunk(MaxIdsPerMessage).Select(ids => new ContentsEmbedded { HeadId = entry.Key, ContentIds = ids })),
        .. replaced.Order().Chunk(MaxIdsPerMessage).Select(ids => new ContentReleased { ContentIds = ids }),
        .. failed.Select(id => new EmbedContents { ContentIds = [id] }),
    ];

    /// <summary>
    /// One <see cref="ImageRejected"/> an image, and the contents that lost an image. A content that never replaced an older one is among
    /// them, which is harmless.
    /// </summary>
    public static IReadOnlyCollection<object> ForRejected(IReadOnlyList<RejectedImage> images) =>
    [
        .. images.Select(image => new ImageRejected
        {
            ImageId = image.ImageId, Source = image.Source, ExternalId = image.ExternalId, Revision = image.Revision,
            Reason = image.Reason, Detail = image.Detail,
        }),
        .. images.Select(image => image.ContentId)
            .Distinct().Order().Chunk(MaxIdsPerMessage).Select(ids => new ContentReleased { ContentIds = ids }),
    ];
}
