using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>Addresses of the overview's pages.</summary>
internal static class OverviewAddress
{
    public const string Feeds = PageEntry.Overview + "/feeds";
    public const string Rejected = PageEntry.Overview + "/rejected";

    /// <summary>The page of a feed.</summary>
    public static string OfFeed(long feedId) => string.Create(CultureInfo.InvariantCulture, $"{Feeds}/{feedId}");

    /// <summary>Its refused rows, from a row on.</summary>
    public static string OfFeedRejections(long feedId, long? after = null) => string.Create(
        CultureInfo.InvariantCulture, $"{Feeds}/{feedId}{(after is { } row ? $"?after={row}" : "")}#rejected");

    /// <summary>The refused pictures behind a place.</summary>
    public static string RejectedAfter(string place) => $"{Rejected}?after={Uri.EscapeDataString(place)}";
}
