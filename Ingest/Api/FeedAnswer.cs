using CpfPipeline.Data.Feeds;

namespace CpfPipeline.Ingest.Api;

/// <summary>Answer to <c>GET /feeds/{id}</c>: the columns of <c>cpf.feeds</c>, and the first rejected rows when asked for.</summary>
internal sealed record FeedAnswer(
    long FeedId, string Source, string? Path, string Format, string? KeysPath, bool Snapshot, string State, long Revision, long? RowsTotal,
    long RowsRead, long Unchanged, long Stored, long Rejected, long Retracted, string? Message, DateTimeOffset SubmittedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, IReadOnlyList<FeedRejection> Rejections, long Unreadable, long Duplicates,
    IReadOnlyList<string> Findings)
{
    /// <summary>Where it is downloaded from, without the query, instead of a path.</summary>
    public string? Url { get; init; }

    /// <summary>Whether everything is read and fetched again, changed or not.</summary>
    public bool Refetch { get; init; }

    /// <summary>Name of the schedule that handed it in, or null.</summary>
    public string? Schedule { get; init; }

    /// <summary>Bytes of the file, compressed if it is; null for a folder, and while unknown.</summary>
    public long? BytesTotal { get; init; }

    /// <summary>Bytes of the file up to the last applied row.</summary>
    public long BytesRead { get; init; }

    /// <summary>Bytes of a URL's body that have come so far; null for a feed by path.</summary>
    public long? BytesDownloaded { get; init; }

    /// <summary>Failed attempts to download it so far.</summary>
    public int Attempts { get; init; }

    /// <summary>When a failed download is tried again, or null.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The former feed whose content it repeats, so that nothing was read; or null.</summary>
    public long? UnchangedSince { get; init; }

    /// <summary>As it is told to who may not read files of the machine: with names of files instead of paths.</summary>
    public FeedAnswer WithoutPaths() => this with
    {
        Path = ShownPath.Of(Path), KeysPath = ShownPath.Of(KeysPath), Message = ShownPath.Within(Message, Path, KeysPath),
        Findings = [.. Findings.Select(f => ShownPath.Within(f, Path, KeysPath))],
        Rejections = [.. Rejections.Select(r => r with { Detail = ShownPath.Within(r.Detail, Path, KeysPath) })],
    };

    public static FeedAnswer Of(Feed feed, IReadOnlyList<FeedRejection> rejections) => new(
        feed.FeedId, feed.Source, feed.Url is null ? feed.Path : null, feed.Format, feed.KeysPath, feed.Snapshot, feed.State, feed.Revision,
        feed.RowsTotal, feed.RowsRead, feed.Unchanged, feed.Stored, feed.Rejected, feed.Retracted, feed.Message, feed.SubmittedAt,
        feed.StartedAt, feed.FinishedAt, rejections, feed.Unreadable, feed.Duplicates, feed.Findings)
    {
        Url = ShownUrl.Of(feed.Url),
        Refetch = feed.Refetch,
        Schedule = feed.Schedule,
        BytesTotal = feed.BytesTotal,
        BytesRead = feed.BytesRead,
        BytesDownloaded = feed.BytesDownloaded,
        Attempts = feed.Attempts,
        NextAttemptAt = feed.NextAttemptAt,
        UnchangedSince = feed.UnchangedSince,
    };
}
