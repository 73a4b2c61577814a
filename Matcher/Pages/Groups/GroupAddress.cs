using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>Addresses of the pages of single groups.</summary>
internal static class GroupAddress
{
    /// <summary>The page of a group.</summary>
    public static string Of(long groupId) => string.Create(CultureInfo.InvariantCulture, $"/gallery/{groupId}");

    /// <summary>That page, from a member on.</summary>
    public static string Of(long groupId, long after) => string.Create(CultureInfo.InvariantCulture, $"/gallery/{groupId}?after={after}");
}
