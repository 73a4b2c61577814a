using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Intake;

/// <summary>A parked fetch whose time has come.</summary>
/// <param name="FetchId">Its row.</param>
/// <param name="Entry">The image.</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="ParkedFor">Time since it was parked.</param>
/// <param name="Reason">Reason code of the last attempt.</param>
/// <param name="Detail">What was wrong with the last attempt.</param>
/// <param name="FeedId">The feed that lists it, or null.</param>
/// <param name="Row">Its row in the feed.</param>
internal sealed record DueFetch(
    long FetchId, ImageEntry Entry, int Attempts, TimeSpan ParkedFor, string Reason, string? Detail, long? FeedId, long? Row);
