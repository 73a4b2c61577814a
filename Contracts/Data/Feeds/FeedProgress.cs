namespace CpfPipeline.Data.Feeds;

/// <summary>What a batch of rows adds to a feed's progress.</summary>
/// <param name="FeedId">The feed.</param>
/// <param name="RowsBefore">Rows applied before this batch: the batch is refused when the database says otherwise.</param>
/// <param name="RowsAfter">Rows applied with it.</param>
/// <param name="Unchanged">Rows that changed nothing.</param>
/// <param name="Stored">Rows that are new or changed.</param>
/// <param name="Rejections">Rows rejected.</param>
/// <param name="Listed">Images listed, for a snapshot; else empty.</param>
public sealed record FeedProgress(
    long FeedId, long RowsBefore, long RowsAfter, long Unchanged, long Stored, IReadOnlyList<FeedRejection> Rejections,
    IReadOnlyCollection<Guid> Listed)
{
    /// <summary>Bytes of the file up to the last of these rows.</summary>
    public long BytesRead { get; init; }

    /// <summary>Rows whose image is unknown.</summary>
    public long Unreadable { get; init; }

    /// <summary>External ids that the feed lists with different pictures.</summary>
    public IReadOnlyList<string> Duplicates { get; init; } = [];
}
