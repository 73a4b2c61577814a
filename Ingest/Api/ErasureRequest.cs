namespace CpfPipeline.Ingest.Api;

/// <summary>Body of <c>POST /erasures</c>: an image by source and external id, or a content by its hash.</summary>
internal sealed record ErasureRequest
{
    /// <summary>The image's source.</summary>
    public string? Source { get; init; }

    /// <summary>The image's external id.</summary>
    public string? ExternalId { get; init; }

    /// <summary>SHA-256 of the content's bytes, 64 hex digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Who asks, when a key that operates asks for somebody else; kept in the receipt. Default: the key's name.</summary>
    public string? Who { get; init; }

    /// <summary>Why; kept in the receipt, so it must not name what is erased.</summary>
    public string? Note { get; init; }
}
