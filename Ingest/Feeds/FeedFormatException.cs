namespace CpfPipeline.Ingest.Feeds;

/// <summary>A feed that cannot be read as what it claims to be.</summary>
/// <param name="message">What is wrong, where, in plain words.</param>
internal sealed class FeedFormatException(string message) : Exception(message);
