using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>Addresses of the search.</summary>
internal static class FindAddress
{
    /// <summary>The search itself.</summary>
    public const string Path = "/find";

    /// <summary>Leads to the group that a picture is in by then.</summary>
    public static string Of(long contentId) => string.Create(CultureInfo.InvariantCulture, $"{Path}?q={contentId}");
}
