using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Runs;

namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>Everything that the overview shows.</summary>
/// <param name="Images">Listings and pictures.</param>
/// <param name="Exactness">How exact the groups are.</param>
/// <param name="Queues">Messages that wait.</param>
/// <param name="Fetches">Pictures that wait to be fetched.</param>
/// <param name="Outbox">Messages that wait to be published.</param>
/// <param name="Feeds">The last feeds.</param>
/// <param name="Rejected">The pictures that were refused last.</param>
/// <param name="Runs">The last runs of the Trainer.</param>
public sealed record OverviewData(
    ImageCounts Images, ShownExactness? Exactness, QueueLengths Queues, WaitingWork Fetches, WaitingWork Outbox,
    IReadOnlyList<Feed> Feeds, IReadOnlyList<RejectedPicture> Rejected, IReadOnlyList<TrainingRun> Runs);
