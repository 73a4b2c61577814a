namespace CpfPipeline.Ingest.Api;

/// <summary>Body of <c>POST /feeds</c>.</summary>
internal sealed record FeedRequest
{
    /// <summary>Full path of the folder or file, on the machine of Ingest.</summary>
    public string? Path { get; init; }

    /// <summary>The source its images belong to.</summary>
    public string? Source { get; init; }

    /// <summary>folder, csv, ndjson, merchant_tsv or merchant_xml; default: by the path.</summary>
    public string? Format { get; init; }

    /// <summary>Full path of a labels.csv with product keys, for a folder.</summary>
    public string? Keys { get; init; }

    /// <summary>Maximum share of the source's live images that a snapshot may retract, 0 to 1; default: as configured.</summary>
    public double? MaxRetract { get; init; }

    /// <summary>Whether images of the source that the feed does not list are retracted.</summary>
    public bool Snapshot { get; init; }
}
