using System.Net;
using System.Text.RegularExpressions;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>Reads the HTML of pages.</summary>
internal static partial class PageHtml
{
    /// <summary>What a person reads, without markup.</summary>
    public static string Text(string html) => Space().Replace(WebUtility.HtmlDecode(Tag().Replace(html, " ")), " ");

    /// <summary>Address of the next page of a list; null at its end.</summary>
    public static string? NextAddress(string html) =>
        NextLink().Match(html) is { Success: true } next ? WebUtility.HtmlDecode(next.Groups[1].Value) : null;

    /// <summary>The hidden fields of the page's only form.</summary>
    public static Dictionary<string, string> HiddenFields(string html) => HiddenField().Matches(html)
        .ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));

    [GeneratedRegex("rel=\"next\" href=\"([^\"]+)\"")]
    private static partial Regex NextLink();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("\\s+")]
    private static partial Regex Space();
}
