using CpfPipeline.Vocabulary;

namespace CpfPipeline.Data.Feeds;

/// <summary>A row of <c>cpf.feeds</c>; counts are rows of the feed.</summary>
public sealed record Feed
{
    public required long FeedId { get; init; }

    public required string Source { get; init; }

    public required string Path { get; init; }

    /// <summary>folder, csv, ndjson, merchant_tsv or merchant_xml.</summary>
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

    /// <summary>Rejected rows of which nobody knows the image.</summary>
    public long Unreadable { get; init; }

    /// <summary>Rows that give an image another picture at the same revision.</summary>
    public long Duplicates { get; init; }

    /// <summary>Maximum share of the source's live images that it may retract, or null for the configured one.</summary>
    public double? MaxRetractShare { get; init; }

    /// <summary>Sentences about what is no row.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];
}
