namespace CpfPipeline.Cli.Listings;

/// <summary>An image near another one.</summary>
/// <param name="Matches">Whether the similarity reaches the threshold.</param>
internal sealed record SimilarListing(string Source, string ExternalId, double Similarity, bool Matches, string Uri);
