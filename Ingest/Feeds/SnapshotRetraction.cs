using System.Globalization;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Retracts the images that a completely read snapshot feed did not list. Refuses when these are suspiciously many.</summary>
internal sealed class SnapshotRetraction(ImageIntake intake, SnapshotStore store, IOptions<IngestOptions> options)
{
    // Below this a revision is a producer's counter, above it a time in Unix milliseconds. A counter keeps counting after a retraction.
    private const long FirstTime = 100_000_000_000;
    private const int BatchImages = 1000;
    private readonly IngestOptions _options = options.Value;

    /// <summary>Retracts, or refuses.</summary>
    /// <returns>State and message for the feed to end with.</returns>
    /// <exception cref="FeedTakenException">The feed was cancelled meanwhile.</exception>
    public async Task<(string State, string? Message)> RunAsync(Feed feed, CancellationToken cancellationToken)
    {
        if (NotWhole(feed) is { } why)
        {
            return (FeedState.Refused, why);
        }

        var share = await store.CountAsync(feed, cancellationToken);
        var maxShare = feed.MaxRetractShare ?? _options.MaxSnapshotRetractShare;
        if (share.LiveUnlisted > maxShare * share.Live)
        {
            return (FeedState.Refused, string.Create(
                CultureInfo.InvariantCulture,
                $"The snapshot does not list {share.LiveUnlisted} of the source's {share.Live} live images, "
                + $"more than {maxShare:P0}; nothing was retracted."));
        }

        var after = "";
        while (await store.ListAsync(feed, after, BatchImages, cancellationToken) is { Count: > 0 } images)
        {
            var entries = images.Select(
                i => SubmissionRule.ToRetraction(feed.Source, i.ExternalId, i.Revision < FirstTime ? i.Revision : feed.Revision)).ToArray();
            await intake.ApplyAsync(
                await intake.PrepareAsync(entries, cancellationToken),
                (connection, results, token) =>
                    SnapshotStore.AdvanceAsync(connection, feed.FeedId, results.Count(r => r.Effect == ImageEffect.Changed), token),
                cancellationToken);
            after = images[^1].ExternalId;
        }

        return (FeedState.Finished, null);
    }

    // What could not be read may have listed any image.
    private string? NotWhole(Feed feed) =>
        feed.RowsRead == 0 ? "The snapshot lists no image; nothing was retracted."
        : feed.Unreadable > 0
            ? Text($"{feed.Unreadable} rows of the snapshot could not be read, so that it is not whole; nothing was retracted.")
        : feed.Rejected > _options.MaxSnapshotRejectedShare * feed.RowsRead
            ? Text($"{feed.Rejected} of the snapshot's {feed.RowsRead} rows were rejected, ")
                + Text($"more than {_options.MaxSnapshotRejectedShare:P0}; ") + "nothing was retracted."
        : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
