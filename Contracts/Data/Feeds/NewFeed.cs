namespace CpfPipeline.Data.Feeds;

/// <summary>A feed to be read.</summary>
/// <param name="Source">The source its images belong to.</param>
/// <param name="Path">Full path of the folder or file, or null.</param>
/// <param name="Format">folder, image, csv, ndjson, merchant_tsv, merchant_xml, or auto with a URL.</param>
/// <param name="KeysPath">Full path of labels.csv, or null.</param>
/// <param name="Snapshot">Whether images of the source that it does not list are retracted.</param>
/// <param name="Revision">Revision of rows that carry none.</param>
/// <param name="MaxRetractShare">Maximum share of the source's live images that it may retract, or null for the configured one.</param>
public sealed record NewFeed(
    string Source, string? Path, string Format, string? KeysPath, bool Snapshot, long Revision, double? MaxRetractShare = null)
{
    /// <summary>Where it is downloaded from, when it has no path.</summary>
    public string? Url { get; init; }

    /// <summary>Whether everything is read and fetched again, changed or not.</summary>
    public bool Refetch { get; init; }

    /// <summary>Whether its rows may say global product keys; otherwise these count as its source's own.</summary>
    public bool GlobalKeys { get; init; } = true;

    /// <summary>Whether its rows may name files and objects of buckets.</summary>
    public bool ReadsFiles { get; init; } = true;

    /// <summary>Name of the schedule that hands it in, or null.</summary>
    public string? Schedule { get; init; }
}
