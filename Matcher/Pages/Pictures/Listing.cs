namespace CpfPipeline.Matcher.Pages.Pictures;

/// <summary>A listing that shows a picture.</summary>
/// <param name="Source">The feed or seller.</param>
/// <param name="ExternalId">The source's own name of it.</param>
/// <param name="ProductKey">Its product key, or null.</param>
public sealed record Listing(string Source, string ExternalId, string? ProductKey)
{
    /// <summary>How people name it.</summary>
    public string Name => $"{Source}/{ExternalId}";
}
