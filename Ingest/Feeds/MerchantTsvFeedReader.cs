using System.Runtime.CompilerServices;
using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>
/// Google Merchant feed as tab-separated text: id, image_link and, if there, additional_image_link (comma-separated), gtin, brand, mpn.
/// </summary>
internal sealed class MerchantTsvFeedReader : IFeedReader
{
    public string Format => "merchant_tsv";

    public async IAsyncEnumerable<Submission> ReadAsync(Feed feed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = DelimitedReader.ReadAsync(feed.Path, '\t', [("id", "id"), ("imagelink", "image_link")], cancellationToken);
        await foreach (var row in rows)
        {
            var item = new MerchantItem
            {
                Id = row["id"],
                ImageLink = row["imagelink"],
                AdditionalImageLinks = (row["additionalimagelink"] ?? "")
                    .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                Gtin = row["gtin"],
                Brand = row["brand"],
                Mpn = row["mpn"],
                Problem = row.Problem,
            };
            foreach (var submission in item.ToSubmissions(feed))
            {
                yield return submission;
            }
        }
    }
}
