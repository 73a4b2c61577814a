using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Replays;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Replays;

/// <summary>
/// Asks again for rejected images, as if they were submitted once more with the same revision. A success outranks the rejection at the same
/// revision, and whatever the source sent since outranks both.
/// </summary>
internal sealed class ImageReplay(RejectedImageStore store, ImageIntake intake, IntakeGate gate)
{
    private const int PageRows = 500;
    private const int MaxShown = 200;
    private const string Table = "cpf.images";
    private const string Message = "SubmitImage";

    /// <summary>
    /// Reasons that are asked for: the one that is named, or those that pass by themselves. Null: the named one never passes.
    /// </summary>
    public static IReadOnlySet<string>? ReasonsOf(string? named) =>
        named is null ? RejectReasons.Passing
        : RejectReasons.MayPass.Contains(named) ? new HashSet<string>(StringComparer.Ordinal) { named }
        : null;

    /// <param name="filter">Which. Its reason is one of <see cref="RejectReasons.MayPass"/>, or null; its queue does not matter.</param>
    /// <param name="isDryRun">Only looks.</param>
    /// <param name="report">Is told after each page.</param>
    /// <param name="cancellationToken">Ends it after the page in hand.</param>
    public async Task<ReplaySummary> ReplayAsync(
        ReplayFilter filter, bool isDryRun, Func<ReplayProgress, Task> report, CancellationToken cancellationToken)
    {
        var reasons = ReasonsOf(filter.Reason) ?? throw new ArgumentException($"Asking again does not help against {filter.Reason}.");
        var counts = await store.CountAsync(reasons, filter.Source, filter.Since, filter.Until, cancellationToken);
        var total = counts.Sum(c => c.Count);
        var first = new List<FailedMessage>();
        var (lookedAt, putBack, after) = (0L, 0L, Guid.Empty);
        while (lookedAt < (filter.Limit ?? long.MaxValue))
        {
            var wanted = (int)Math.Min(PageRows, (filter.Limit ?? long.MaxValue) - lookedAt);
            var page = await store.ReadAsync(reasons, filter.Source, filter.Since, filter.Until, after, wanted, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            first.AddRange(page.Take(MaxShown - first.Count).Select(Shown));
            if (!isDryRun)
            {
                await gate.WaitAsync(cancellationToken);
                await intake.AnnounceAsync([.. page.Select(image => image.Entry)], cancellationToken);
                putBack += page.Count;
            }

            (lookedAt, after) = (lookedAt + page.Count, page[^1].Entry.ImageId);
            await report(new ReplayProgress(lookedAt, total, putBack));
            if (isDryRun && first.Count >= MaxShown)
            {
                lookedAt = Math.Min(total, filter.Limit ?? total); // The rest is only counted.
                break;
            }
        }

        return new ReplaySummary(
            lookedAt, lookedAt, putBack,
            [.. counts.Select(c => new ReplayCount(Table, Topology.SubmitImageQueue, Message, c.Reason, c.Count))], first);
    }

    private static FailedMessage Shown(RejectedImage image) => new(
        Table, Topology.SubmitImageQueue, $"{Message} {image.Entry.ExternalId}", image.Reason, image.Detail, image.Entry.Source,
        image.RejectedAt, Replays: 0);
}
