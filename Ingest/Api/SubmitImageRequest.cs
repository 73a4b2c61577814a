namespace CpfPipeline.Ingest.Api;

/// <summary>An image in the body of <c>POST /images</c>.</summary>
internal sealed record SubmitImageRequest
{
    /// <summary>The feed or seller, 1-200 characters.</summary>
    public required string Source { get; init; }

    /// <summary>The source's own name of the image, 1-1000 characters.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Where the bytes are: http, https, or file below a configured root.</summary>
    public required string Uri { get; init; }

    /// <summary>Identity of the pictured product.</summary>
    public string? ProductKey { get; init; }

    /// <summary>global or source (the default).</summary>
    public string? KeyScope { get; init; }

    /// <summary>Rises with every change; default: now, Unix milliseconds.</summary>
    public long? Revision { get; init; }
}
