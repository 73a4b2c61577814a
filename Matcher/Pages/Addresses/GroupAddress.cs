using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>Addresses of the pages of single groups.</summary>
internal static class GroupAddress
{
    /// <summary>The page of a group.</summary>
    public static string Of(long groupId) => string.Create(CultureInfo.InvariantCulture, $"{PageEntry.Gallery}/{groupId}");

    /// <summary>That page, from a member on.</summary>
    public static string Of(long groupId, long after) => string.Create(CultureInfo.InvariantCulture, $"{Of(groupId)}?after={after}");

    /// <summary>A member on that page.</summary>
    public static string OfMember(long groupId, long contentId) => $"{Of(groupId)}#{MemberId(contentId)}";

    /// <summary>What names a member within the page.</summary>
    public static string MemberId(long contentId) => string.Create(CultureInfo.InvariantCulture, $"p{contentId}");
}
