namespace CpfPipeline.Ingest.Downloads;

/// <summary>A downloaded feed.</summary>
/// <param name="Sha256">SHA-256 of its bytes, as they lie on the disk.</param>
/// <param name="Bytes">How many these are.</param>
internal sealed record FeedBody(byte[] Sha256, long Bytes)
{
    /// <summary>ETag, or null.</summary>
    public string? ETag { get; init; }

    /// <summary>Last-Modified as it was sent, or null.</summary>
    public string? LastModified { get; init; }

    /// <summary>Charset that the server announced, or null.</summary>
    public string? Charset { get; init; }

    /// <summary>Media type that the server announced, or null.</summary>
    public string? MediaType { get; init; }

    /// <summary>Name that the server gave the file, or null.</summary>
    public string? FileName { get; init; }
}
