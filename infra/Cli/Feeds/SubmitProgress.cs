using CpfPipeline.Cli.Progress;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Where a run of feeds stands.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="RowsTotal">Rows there are; null while a feed does not know.</param>
/// <param name="FeedsEnded">Whether every feed was read.</param>
/// <param name="Images">Where the images of their sources stand.</param>
internal sealed record SubmitProgress(long Rows, long? RowsTotal, bool FeedsEnded, ImageProgress Images)
{
    public bool Matched => FeedsEnded && Images.Matched;

    public static SubmitProgress Of(IReadOnlyCollection<Feed> feeds, ImageProgress images) => new(
        feeds.Sum(f => f.RowsRead),
        feeds.All(f => Ended(f) || f.RowsTotal is not null)
            ? feeds.Sum(f => Ended(f) ? f.RowsRead
            : Math.Max(f.RowsTotal!.Value, f.RowsRead)) : null,
        feeds.All(Ended),
        images);

    private static bool Ended(Feed feed) => feed.State is not (FeedState.Queued or FeedState.Running);
}
