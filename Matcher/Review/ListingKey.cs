namespace CpfPipeline.Matcher.Review;

/// <summary>What a listing says of the product that its picture shows.</summary>
/// <param name="Source">The feed or seller.</param>
/// <param name="ProductKey">Its product key, or null.</param>
/// <param name="KeyScope"><c>global</c> or <c>source</c>.</param>
internal sealed record ListingKey(string Source, string? ProductKey, string KeyScope);
