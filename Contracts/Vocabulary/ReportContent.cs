using System.Globalization;

namespace CpfPipeline.Vocabulary;

/// <summary>
/// How a model's report names a content of the catalogue. A stored name would survive the erasure of its listing, so the report holds this
/// in its place, as the text of an element of this class and as the text for those who do not see the picture.
/// </summary>
public static class ReportContent
{
    /// <summary>Class of the element.</summary>
    public const string Mark = "content";

    /// <summary>What stands for the name: <c>content 17</c>.</summary>
    public static string NameOf(long contentId) => string.Create(CultureInfo.InvariantCulture, $"{Mark} {contentId}");
}
