namespace CpfPipeline.Data.Feeds;

/// <summary>The feed was cancelled, or another instance took it over. Its reader stops and applies nothing more.</summary>
/// <param name="feedId">The feed.</param>
public sealed class FeedTakenException(long feedId) : Exception($"Feed {feedId} was cancelled or is read by another instance.");
