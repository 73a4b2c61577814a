using CpfPipeline.Vocabulary;

namespace CpfPipeline.Data.Feeds;

/// <summary>A row of <c>cpf.feeds</c>; counts are rows of the feed.</summary>
public sealed record Feed
{
    public required long FeedId { get; init; }

    public required string Source { get; init; }

    /// <summary>Full path of the folder or file that is read; empty while a feed by URL has not been downloaded.</summary>
    public required string Path { get; init; }

    /// <summary>Where it is downloaded from, or null.</summary>
    public string? Url { get; init; }

    /// <summary>folder, image, csv, ndjson, merchant_tsv, merchant_xml, or auto until the download shows what it is.</summary>
    public required string Format { get; init; }

    public string? KeysPath { get; init; }

    public required bool Snapshot { get; init; }

    /// <summary>One of <see cref="FeedState"/>.</summary>
    public required string State { get; init; }

    /// <summary>Revision of rows that carry none, Unix milliseconds.</summary>
    public required long Revision { get; init; }

    public long? RowsTotal { get; init; }

    /// <summary>Rows applied; reading resumes here.</summary>
    public required long RowsRead { get; init; }

    public required long Unchanged { get; init; }

    public required long Stored { get; init; }

    public required long Rejected { get; init; }

    public required long Retracted { get; init; }

    public string? Message { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Rejected rows whose image is unknown.</summary>
    public long Unreadable { get; init; }

    /// <summary>Rows that give an image another picture at the same revision.</summary>
    public long Duplicates { get; init; }

    /// <summary>Maximum share of the source's live images that it may retract, or null for the configured one.</summary>
    public double? MaxRetractShare { get; init; }

    /// <summary>Sentences about parts of the feed that are not rows.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>Whether everything is read and fetched again, changed or not.</summary>
    public bool Refetch { get; init; }

    /// <summary>Whether its rows may say global product keys; otherwise these count as its source's own.</summary>
    public bool GlobalKeys { get; init; } = true;

    /// <summary>Whether its rows may name files and objects of buckets.</summary>
    public bool ReadsFiles { get; init; } = true;

    /// <summary>Name of the schedule that handed it in, or null.</summary>
    public string? Schedule { get; init; }

    /// <summary>Charset that the server announced, or null.</summary>
    public string? Charset { get; init; }

    /// <summary>SHA-256 of the file, or null before that is known.</summary>
    public byte[]? Sha256 { get; init; }

    /// <summary>Bytes of the file; null for a folder, and while unknown.</summary>
    public long? BytesTotal { get; init; }

    /// <summary>Bytes of the file up to the last applied row.</summary>
    public long BytesRead { get; init; }

    /// <summary>Bytes of a URL's body received so far; null for a feed by path.</summary>
    public long? BytesDownloaded { get; init; }

    /// <summary>Failed attempts to download it so far.</summary>
    public int Attempts { get; init; }

    /// <summary>Time spent waiting between attempts to download it so far.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>When a failed download is tried again, or null.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The former feed whose content it repeats, so that nothing was read; or null.</summary>
    public long? UnchangedSince { get; init; }

    /// <summary>Whether rows are still to be read from its file.</summary>
    public bool HasRowsToRead => RowsTotal is null || RowsRead < RowsTotal;
}
