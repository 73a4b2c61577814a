using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Intake;

/// <summary>An image whose bytes could not be had yet.</summary>
/// <param name="Entry">The image.</param>
/// <param name="Outcome">Why not.</param>
/// <param name="FeedId">The feed that lists it, or null.</param>
/// <param name="Row">Its row in the feed.</param>
internal sealed record ParkedFetch(ImageEntry Entry, FetchOutcome Outcome, long? FeedId = null, long? Row = null);
