using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>An item of a Google Merchant feed, as far as images and identity go.</summary>
internal sealed partial record MerchantItem
{
    public string? Id { get; init; }

    public string? ImageLink { get; init; }

    public IReadOnlyList<string> AdditionalImageLinks { get; init; } = [];

    public string? Gtin { get; init; }

    public string? Brand { get; init; }

    public string? Mpn { get; init; }

    /// <summary>What is wrong with the row, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether it is unknown which item the row means.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>
    /// The images: the main one under the item's id, the others under <c>id#</c> and 12 hex digits of the SHA-1 of their URL.
    /// </summary>
    public IEnumerable<Submission> ToSubmissions(Feed feed)
    {
        var (key, warning) = ProductKey();
        var main = new Submission
        {
            ExternalId = Id,
            Uri = FeedPath.Resolve(feed, ImageLink),
            ProductKey = key,
            KeyScope = key is null ? null : ProductKeyScope.Global,
            Warning = warning,
            Problem = Problem,
            IsUnreadable = IsUnreadable,
        };
        return Id is null
            ? [main]
            : [main, .. AdditionalImageLinks.Distinct()
                .Select(link => main with
                {
                    ExternalId = AdditionalId(Id, link),
                    Uri = FeedPath.Resolve(feed, link),
                    IsUnreadable = IsUnreadable || IsDamaged(link),
                })];
    }

    /// <summary>
    /// The GTIN, else brand and MPN, else none: an item's id says nothing across sellers. The warning tells of a GTIN that is none.
    /// </summary>
    public (string? Key, string? Warning) ProductKey()
    {
        var (digits, problem) = string.IsNullOrWhiteSpace(Gtin) ? (null, null) : Submissions.Gtin.Parse(Gtin);
        if (digits is not null)
        {
            return ($"gtin:{digits}", null);
        }

        var key = string.IsNullOrWhiteSpace(Brand) || string.IsNullOrWhiteSpace(Mpn)
            ? null
            : $"mpn:{Brand.Trim().ToLowerInvariant()}:{Mpn.Trim()}";
        return (key, problem is null ? null : $"gtin: {problem}; it is no key.");
    }

    /// <summary>
    /// The links of one field. Commas separate them, but commas are also common within URLs: in a field with a scheme, a comma separates
    /// only before
    /// white space or before the next link.
    /// </summary>
    public static IEnumerable<string> SplitLinks(string field) =>
        (field.Contains("://", StringComparison.Ordinal) ? Separator().Split(field) : field.Split(','))
            .Select(link => link.Trim().Trim(',')).Where(link => link.Length > 0);

    [GeneratedRegex(@",\s+|,(?=https?://|file://|//|www\.)|\s+(?=https?://)", RegexOptions.IgnoreCase)]
    private static partial Regex Separator();

    // The name is made from the link, so that it is another one then.
    private static bool IsDamaged(string link) => link.AsSpan().ContainsAny('\0', '\uFFFD', SubmissionRule.UndecodableText);

    private static string AdditionalId(string id, string link)
    {
#pragma warning disable CA5350 // A short stable name, no protection.
        return $"{id}#{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(link)))[..12]}";
#pragma warning restore CA5350
    }
}
