using System.Runtime.CompilerServices;
using System.Text;
using System.Xml;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Google Merchant feed as RSS 2.0 (<c>item</c>) or Atom (<c>entry</c>), with or without the g: namespace.</summary>
internal sealed class MerchantXmlFeedReader : IFeedReader
{
    private const string Google = "http://base.google.com/ns/1.0";
    private const int MaxImagesPerItem = 100;
    private const int PrologCharacters = 64 * 1024;

    // Longer than any field may be, so that a text that was cut here is refused for its length. An element without end must not fill the
    // memory.
    private const int MaxTextLength = 2 * SubmissionRule.MaxUriLength;
    private const int MaxPartLength = 1_000_000;
    private const int MaxNamesLength = 100_000;
    private const int MaxDepth = 100;

    public string Format => "merchant_xml";

    public async IAsyncEnumerable<Submission> ReadAsync(
        Feed feed, FeedFindings findings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await RefuseEntitiesAsync(feed, findings, cancellationToken);
        var whole = await FeedText.OpenAsync(feed.Path, feed.Charset, isXml: true, findings, cancellationToken);
        using var text = new BoundedMarkup(whole, MaxPartLength);
        var skippedLines = SkipWhiteSpace(whole);
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Ignore, // Nothing is resolved: neither entities that grow nor files of ours.
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            NameTable = new BoundedMarkup.MarkupNames(MaxNamesLength),
        };
        using var xml = XmlReader.Create(text, settings);
        var (isEmpty, root) = (true, default(string));
        while (await NextItemAsync(xml, text, skippedLines, name => root ??= name, cancellationToken) is { } item)
        {
            isEmpty = false;
            foreach (var submission in item.ToSubmissions(feed))
            {
                yield return submission;
            }
        }

        if (isEmpty)
        {
            throw new FeedFormatException($"There is no <item> (RSS) and no <entry> (Atom) in the file; its root element is <{root}>.");
        }
    }

    // Blank lines before the declaration are no XML, but common.
    private static int SkipWhiteSpace(TextReader text)
    {
        var lines = 0;
        while (text.Peek() is var next and >= 0 && (char.IsWhiteSpace((char)next) || next == '\uFEFF'))
        {
            lines += text.Read() == '\n' ? 1 : 0;
        }

        return lines;
    }

    private static async Task RefuseEntitiesAsync(Feed feed, FeedFindings findings, CancellationToken cancellationToken)
    {
        using var text = await FeedText.OpenAsync(feed.Path, feed.Charset, isXml: true, findings, cancellationToken);
        var buffer = new char[PrologCharacters];
        var prolog = new string(buffer, 0, await text.ReadBlockAsync(buffer, cancellationToken));
        var declaration = prolog.IndexOf("<!ENTITY", StringComparison.Ordinal);
        if (declaration >= 0 && prolog.IndexOf("<!DOCTYPE", StringComparison.Ordinal) is var doctype and >= 0 && doctype < declaration)
        {
            throw new FeedFormatException(
                $"Line {prolog.AsSpan(0, declaration).Count('\n') + 1}: the DOCTYPE declares an entity; entities are not read.");
        }
    }

    private static async Task<MerchantItem?> NextItemAsync(
        XmlReader xml, BoundedMarkup text, int skippedLines, Action<string> seen, CancellationToken cancellationToken)
    {
        try
        {
            while (await xml.ReadAsync())
            {
                cancellationToken.ThrowIfCancellationRequested();
                BeginPart(xml, text);
                if (xml.NodeType == XmlNodeType.Element)
                {
                    seen(xml.LocalName);
                }

                if (xml.NodeType == XmlNodeType.Element && xml.LocalName is "item" or "entry" && !xml.IsEmptyElement)
                {
                    return await ReadItemAsync(xml, text);
                }
            }

            return null;
        }
        catch (XmlException e)
        {
            throw new FeedFormatException(
                $"Not well-formed XML at line {e.LineNumber + skippedLines}, column {e.LinePosition}: {e.Message}");
        }
    }

    private static void BeginPart(XmlReader xml, BoundedMarkup text)
    {
        text.BeginPart();
        if (xml.Depth > MaxDepth)
        {
            throw new FeedFormatException($"Line {((IXmlLineInfo)xml).LineNumber}: elements lie in one another {MaxDepth} deep.");
        }
    }

    private static async Task<MerchantItem> ReadItemAsync(XmlReader xml, BoundedMarkup text)
    {
        var item = new MerchantItem();
        var additional = new List<string>();
        var depth = xml.Depth;
        await xml.ReadAsync();
        while (xml.Depth > depth)
        {
            text.BeginPart();
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
                    item = item with { Id = await TextAsync(xml, text) };
                    break;
                case "image_link":
                    item = item with { ImageLink = await TextAsync(xml, text) };
                    break;
                case "additional_image_link" when additional.Count < MaxImagesPerItem:
                    if (await TextAsync(xml, text) is { } link)
                    {
                        additional.AddRange(MerchantItem.SplitLinks(link).Take(MaxImagesPerItem - additional.Count));
                    }

                    break;
                case "gtin":
                    item = item with { Gtin = await TextAsync(xml, text) };
                    break;
                case "brand":
                    item = item with { Brand = await TextAsync(xml, text) };
                    break;
                case "mpn":
                    item = item with { Mpn = await TextAsync(xml, text) };
                    break;
                default:
                    await xml.SkipAsync();
                    break;
            }
        }

        return item with { AdditionalImageLinks = additional };
    }

    // Leaves the reader behind the element. Nested markup is not text.
    private static async Task<string?> TextAsync(XmlReader xml, BoundedMarkup text)
    {
        using var subtree = xml.ReadSubtree();
        var read = new StringBuilder();
        var buffer = new char[1024];
        while (await subtree.ReadAsync())
        {
            BeginPart(xml, text);
            while (subtree.NodeType is XmlNodeType.Text or XmlNodeType.CDATA
                && await subtree.ReadValueChunkAsync(buffer, 0, buffer.Length) is var length and > 0)
            {
                text.BeginPart();
                read.Append(buffer, 0, Math.Min(length, MaxTextLength - read.Length));
            }
        }

        subtree.Close();
        await xml.ReadAsync();
        return read.ToString().Trim() is { Length: > 0 } value ? value : null;
    }
}
