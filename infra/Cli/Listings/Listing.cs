namespace CpfPipeline.Cli.Listings;

/// <summary>An image that the database knows.</summary>
internal sealed record Listing(Guid ImageId, string Source, string ExternalId)
{
    public override string ToString() => $"{Source}/{ExternalId}";
}
