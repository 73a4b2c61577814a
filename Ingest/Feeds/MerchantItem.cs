using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>An item of a Google Merchant feed, as far as images and identity go.</summary>
internal sealed record MerchantItem
{
    public string? Id { get; init; }

    public string? ImageLink { get; init; }

    public IReadOnlyList<string> AdditionalImageLinks { get; init; } = [];

    public string? Gtin { get; init; }

    public string? Brand { get; init; }

    public string? Mpn { get; init; }

    /// <summary>What is wrong with the row, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>
    /// The item's images: the main one under its id, the others under <c>id#</c> and the first 12 hex digits of the SHA-1 of their URL.
    /// </summary>
    public IEnumerable<Submission> ToSubmissions(Feed feed)
    {
        var key = ProductKey();
        var main = new Submission
        {
            ExternalId = Id,
            Uri = FeedPath.Resolve(feed, ImageLink),
            ProductKey = key,
            KeyScope = key is null ? null : "global",
            Problem = Problem,
        };
        return Id is null
            ? [main]
            : [main, .. AdditionalImageLinks.Distinct()
                .Select(link => main with { ExternalId = AdditionalId(Id, link), Uri = FeedPath.Resolve(feed, link) })];
    }

    /// <summary>GTIN padded to 14 digits, else brand and MPN, else none: an item's id says nothing across sellers.</summary>
    public string? ProductKey()
    {
        var digits = (Gtin ?? "").Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (digits.Length is >= 8 and <= 14 && digits.All(char.IsAsciiDigit) && digits.Any(d => d != '0'))
        {
            return $"gtin:{digits.PadLeft(14, '0')}";
        }

        return string.IsNullOrWhiteSpace(Brand) || string.IsNullOrWhiteSpace(Mpn)
            ? null
            : $"mpn:{Brand.Trim().ToLowerInvariant()}:{Mpn.Trim()}";
    }

    private static string AdditionalId(string id, string link)
    {
#pragma warning disable CA5350 // A short stable name, no protection.
        return $"{id}#{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(link)))[..12]}";
#pragma warning restore CA5350
    }
}
