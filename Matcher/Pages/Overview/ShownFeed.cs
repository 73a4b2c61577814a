using CpfPipeline.Data.Feeds;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>A feed as pages show it.</summary>
internal static class ShownFeed
{
    /// <summary>Whether it goes on.</summary>
    public static bool GoesOn(Feed feed) => feed.State is FeedState.Queued or FeedState.Running;

    /// <summary>Share of it that is read, 0 to 1; null while that is not known.</summary>
    public static double? Progress(Feed feed) => feed switch
    {
        { State: FeedState.Finished } => 1,
        { RowsTotal: { } rows and > 0 } => Math.Min(1, (double)feed.RowsRead / rows),
        { BytesTotal: { } bytes and > 0 } => Math.Min(1, (double)feed.BytesRead / bytes),
        _ => null,
    };

    /// <summary>What it is read from, without a query, which may hold secrets.</summary>
    public static string Place(Feed feed) => feed.Url is { } url ? url.Split('?', '#')[0] : feed.Path;
}
