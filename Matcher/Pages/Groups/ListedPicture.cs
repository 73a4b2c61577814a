namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A picture of a listed group.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Source">Source of the first listing that shows it, by source and id.</param>
/// <param name="ExternalId">That listing's id.</param>
/// <param name="ProductKey">That listing's product key, or null.</param>
public sealed record ListedPicture(long ContentId, string Source, string ExternalId, string? ProductKey)
{
    /// <summary>How people name it.</summary>
    public string Name => $"{Source}/{ExternalId}";
}
