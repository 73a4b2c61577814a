namespace CpfPipeline.Cli.Feeds;

/// <summary>A feed as Ingest lists it.</summary>
internal sealed record ListedFeed
{
    public required long FeedId { get; init; }

    public required string Source { get; init; }

    public string? Path { get; init; }

    public string? Url { get; init; }

    public required bool Snapshot { get; init; }

    public required string State { get; init; }

    public long? RowsTotal { get; init; }

    public required long RowsRead { get; init; }

    public required long Stored { get; init; }

    public required long Rejected { get; init; }

    public required long Retracted { get; init; }

    public string? Message { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }
}
