using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Replays;

/// <summary>
/// Asks again for rejected images and for updates that failed of live ones, as if they were submitted once more with the same revision. A
/// success outranks the failure at the same revision, and whatever the source sent since outranks both.
/// </summary>
internal sealed class ImageReplay(FailedImageStore store, ImageIntake intake, IntakeGate gate, TimeProvider time)
{
    private const int PageRows = 500;
    private const int PageRowsOfLooking = 5_000;
    private const string Table = "cpf.images";
    private const string Message = "SubmitImage";
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Reasons that are asked for: the one that is named, or those that pass by themselves. Null: the named one never passes.
    /// </summary>
    public static IReadOnlySet<string>? ReasonsOf(string? named) =>
        named is null ? RejectReasons.Passing
        : RejectReasons.MayPass.Contains(named) ? new HashSet<string>(StringComparer.Ordinal) { named }
        : null;

    /// <param name="filter">Which. Its reason is one of <see cref="RejectReasons.MayPass"/>, or null; its queue does not matter.</param>
    /// <param name="isDryRun">Only looks.</param>
    /// <param name="report">Is told after each page, and every few seconds while nothing more is taken.</param>
    /// <param name="cancellationToken">Ends it after the page in hand.</param>
    public async Task<ReplaySummary> ReplayAsync(
        ReplayFilter filter, bool isDryRun, Func<ReplayProgress, Task> report, CancellationToken cancellationToken)
    {
        var reasons = ReasonsOf(filter.Reason) ?? throw new ArgumentException($"Asking again does not help against {filter.Reason}.");

        // What fails again while this runs is not asked for once more.
        var now = await store.ReadTimeAsync(cancellationToken);
        var until = filter.Until is { } end && end < now ? end.ToUniversalTime() : now;
        var (count, outOfReach) = await store.CountAsync(reasons, filter, until, cancellationToken);
        var (tally, total) = (new ReplayTally(filter.Limit), Math.Min(count, filter.Limit ?? count));
        AskedAgain? last = null;
        while (!tally.IsFull)
        {
            var rows = (int)Math.Min(isDryRun ? PageRowsOfLooking : PageRows, (filter.Limit ?? long.MaxValue) - tally.Chosen);
            var page = await store.ReadAsync(reasons, filter, until, last, rows, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            if (!isDryRun)
            {
                await WaitAsync(why => report(new ReplayProgress(tally.LookedAt, total, tally.PutBack, why)), cancellationToken);
                var asked = await intake.AnnounceAsync([.. page.Select(image => image.Entry)], cancellationToken);
                tally.PutBack += asked.Count(a => a.Reason is null); // Some were erased.
            }

            foreach (var image in page)
            {
                tally.Look();
                tally.Choose(Shown(image));
            }

            last = page[^1];
            await report(new ReplayProgress(tally.LookedAt, total, tally.PutBack));
        }

        return tally.Sum() with { OutOfReach = outOfReach };
    }

    private async Task WaitAsync(Func<string, Task> tell, CancellationToken cancellationToken)
    {
        while (gate.WhyClosed(IntakeWay.Queue) is { } why)
        {
            await tell(why);
            await Task.Delay(Wait, time, cancellationToken);
        }
    }

    private static FailedMessage Shown(AskedAgain image) => new(
        Table, Topology.SubmitImageQueue, image.IsUpdate ? $"{Message} (update of a live image)" : Message, image.Reason,
        $"{image.Entry.ExternalId}: {image.Detail}", image.Entry.Source, image.FailedAt, Replays: 0);
}
