namespace CpfPipeline.Ingest.Images;

/// <summary>How much of a source a snapshot would retract.</summary>
/// <param name="Live">Stored images of the source.</param>
/// <param name="LiveUnlisted">Of these, images that the feed does not list.</param>
/// <param name="Unlisted">Images of the source in any state but retracted that the feed does not list.</param>
internal sealed record SnapshotShare(long Live, long LiveUnlisted, long Unlisted);
