using CpfPipeline.Data.Feeds;

namespace CpfPipeline.Ingest.Api;

/// <summary>Answer to <c>GET /feeds/{id}</c>: the columns of <c>cpf.feeds</c>, and the first rejected rows when asked for.</summary>
internal sealed record FeedAnswer(
    long FeedId, string Source, string Path, string Format, string? KeysPath, bool Snapshot, string State, long Revision, long? RowsTotal,
    long RowsRead, long Unchanged, long Stored, long Rejected, long Retracted, string? Message, DateTimeOffset SubmittedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, IReadOnlyList<FeedRejection> Rejections, long Unreadable, long Duplicates,
    IReadOnlyList<string> Findings)
{
    public static FeedAnswer Of(Feed feed, IReadOnlyList<FeedRejection> rejections) => new(
        feed.FeedId, feed.Source, feed.Path, feed.Format, feed.KeysPath, feed.Snapshot, feed.State, feed.Revision, feed.RowsTotal,
        feed.RowsRead, feed.Unchanged, feed.Stored, feed.Rejected, feed.Retracted, feed.Message, feed.SubmittedAt, feed.StartedAt,
        feed.FinishedAt, rejections, feed.Unreadable, feed.Duplicates, feed.Findings);
}
