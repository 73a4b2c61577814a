namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>A page that the bar at the top leads to.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Name">Its name.</param>
internal sealed record PageEntry(string Address, string Name)
{
    public const string Overview = "/overview";

    public const string Gallery = "/gallery";

    public const string Review = "/review";

    public const string Models = "/models";

    /// <summary>All, from left to right.</summary>
    public static IReadOnlyList<PageEntry> All { get; } =
        [new(Overview, "Overview"), new(Gallery, "Groups"), new(Review, "Review"), new(Models, "Models")];
}
