using System.Runtime.CompilerServices;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Google Merchant feed as tab-separated text: id, image_link and, if there, additional_image_link, gtin, brand, mpn.</summary>
internal sealed class MerchantTsvFeedReader : IFeedReader
{
    public string Format => "merchant_tsv";

    public async IAsyncEnumerable<Submission> ReadAsync(
        Feed feed, FeedFindings findings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = DelimitedReader.ReadAsync(
            () => FeedText.OpenAsync(feed.Path, feed.Charset, isXml: false, findings, cancellationToken), tabs: true,
            [("id", "id"), ("imagelink", "image_link")], cancellationToken);
        await foreach (var row in rows)
        {
            var item = new MerchantItem
            {
                Id = row["id"],
                ImageLink = row["imagelink"],
                AdditionalImageLinks = [.. row.All("additionalimagelink").SelectMany(MerchantItem.SplitLinks)],
                Gtin = row["gtin"],
                Brand = row["brand"],
                Mpn = row["mpn"],
                Problem = row.Problem,
                IsUnreadable = row.IsUnreadable || (row.Problem is not null && row.Lacks("additionalimagelink")),
            };
            foreach (var submission in item.ToSubmissions(feed))
            {
                yield return submission;
            }
        }
    }
}
