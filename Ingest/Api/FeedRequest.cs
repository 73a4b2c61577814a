namespace CpfPipeline.Ingest.Api;

/// <summary>Body of <c>POST /feeds</c>, and the feed of a schedule.</summary>
internal record FeedRequest
{
    /// <summary>Full path of the folder, feed file or single image file, on the machine of Ingest.</summary>
    public string? Path { get; init; }

    /// <summary>http or https URL of a feed file, instead of a path.</summary>
    public string? Url { get; init; }

    /// <summary>The source its images belong to.</summary>
    public string? Source { get; init; }

    /// <summary>
    /// folder, image, csv, ndjson (jsonl), merchant_tsv (tsv) or merchant_xml (xml, rss, atom); default: by the name, or by the download.
    /// </summary>
    public string? Format { get; init; }

    /// <summary>Full path of a labels.csv with product keys, for a folder or an image by path.</summary>
    public string? Keys { get; init; }

    /// <summary>Maximum share of the source's live images that a snapshot may retract, 0 to 1; default: as configured.</summary>
    public double? MaxRetract { get; init; }

    /// <summary>Whether images of the source that the feed does not list are retracted.</summary>
    public bool Snapshot { get; init; }

    /// <summary>
    /// Whether everything is read and every picture fetched again. Otherwise a feed of the same content as the last one is not read, and a
    /// row that says what its image shows already fetches nothing.
    /// </summary>
    public bool Refetch { get; init; }
}
