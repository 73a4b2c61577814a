namespace CpfPipeline.Ingest.Feeds;

/// <summary>A feed's file or folder cannot be read.</summary>
/// <param name="message">Why.</param>
internal sealed class FeedReadException(string message) : Exception(message);
