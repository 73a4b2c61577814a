using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>A page that the bar at the top leads to.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it needs.</param>
internal sealed record PageEntry(string Address, string Name, string Role)
{
    public const string Overview = "/overview";

    public const string Gallery = "/gallery";

    public const string Review = "/review";

    public const string Models = "/models";

    public const string SignIn = "/sign-in";

    public const string SignInAtIssuer = "/sign-in/person";

    public const string SignOut = "/sign-out";

    /// <summary>All, from left to right.</summary>
    public static IReadOnlyList<PageEntry> All { get; } =
        [
            new(Overview, "Overview", AccessRole.Read), new(Gallery, "Groups", AccessRole.Read),
            new(Review, "Review", AccessRole.Review), new(Models, "Models", AccessRole.Read),
        ];
}
