using System.Runtime.CompilerServices;
using System.Text;
using System.Xml;
using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>Google Merchant feed as RSS 2.0 (<c>item</c>) or Atom (<c>entry</c>), with or without the g: namespace.</summary>
internal sealed class MerchantXmlFeedReader : IFeedReader
{
    private const string Google = "http://base.google.com/ns/1.0";
    private const int MaxImagesPerItem = 100;

    // Longer than any field may be, so that a text that was cut here is refused for its length. An element without end must not fill the
    // memory.
    private const int MaxTextLength = 2 * SubmissionRule.MaxUriLength;

    public string Format => "merchant_xml";

    public async IAsyncEnumerable<Submission> ReadAsync(Feed feed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit, // No entities: neither bombs nor files of ours.
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CloseInput = true,
        };
        using var xml = XmlReader.Create(new FileStream(feed.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024), settings);
        while (await NextItemAsync(xml, cancellationToken) is { } item)
        {
            foreach (var submission in item.ToSubmissions(feed))
            {
                yield return submission;
            }
        }
    }

    private static async Task<MerchantItem?> NextItemAsync(XmlReader xml, CancellationToken cancellationToken)
    {
        try
        {
            while (await xml.ReadAsync())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (xml.NodeType == XmlNodeType.Element && xml.LocalName is "item" or "entry" && !xml.IsEmptyElement)
                {
                    return await ReadItemAsync(xml);
                }
            }

            return null;
        }
        catch (XmlException e)
        {
            throw new FeedFormatException($"Not well-formed XML at line {e.LineNumber}, column {e.LinePosition}: {e.Message}");
        }
    }

    private static async Task<MerchantItem> ReadItemAsync(XmlReader xml)
    {
        var item = new MerchantItem();
        var additional = new List<string>();
        var depth = xml.Depth;
        await xml.ReadAsync();
        while (xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element || xml.Depth != depth + 1)
            {
                await xml.ReadAsync();
                continue;
            }

            // Atom has an id of its own. Google's takes precedence.
            var google = xml.NamespaceURI == Google;
            switch (xml.LocalName)
            {
                case "id" when google || item.Id is null:
                    item = item with { Id = await TextAsync(xml) };
                    break;
                case "image_link":
                    item = item with { ImageLink = await TextAsync(xml) };
                    break;
                case "additional_image_link" when additional.Count < MaxImagesPerItem:
                    if (await TextAsync(xml) is { } link)
                    {
                        additional.Add(link);
                    }

                    break;
                case "gtin":
                    item = item with { Gtin = await TextAsync(xml) };
                    break;
                case "brand":
                    item = item with { Brand = await TextAsync(xml) };
                    break;
                case "mpn":
                    item = item with { Mpn = await TextAsync(xml) };
                    break;
                default:
                    await xml.SkipAsync();
                    break;
            }
        }

        return item with { AdditionalImageLinks = additional };
    }

    // Leaves the reader behind the element. Nested markup is not text.
    private static async Task<string?> TextAsync(XmlReader xml)
    {
        using var subtree = xml.ReadSubtree();
        var text = new StringBuilder();
        var buffer = new char[1024];
        while (await subtree.ReadAsync())
        {
            while (subtree.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && text.Length < MaxTextLength
                && await subtree.ReadValueChunkAsync(buffer, 0, buffer.Length) is var length and > 0)
            {
                text.Append(buffer, 0, length);
            }
        }

        subtree.Close();
        await xml.ReadAsync();
        return text.ToString().Trim() is { Length: > 0 } value ? value : null;
    }
}
