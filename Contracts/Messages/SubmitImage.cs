namespace CpfPipeline.Contracts;

/// <summary>
/// Command: a source lists (or lists again, changed) an image. Sent to the queue <c>cpf.submit-image</c>, as a MassTransit
/// envelope or as plain JSON with these fields in camelCase or snake_case.
/// </summary>
/// <remarks>A repeat changes nothing, and neither does one that is older than what is known of the image.</remarks>
public sealed record SubmitImage
{
    /// <summary>The feed or seller, 1-200 characters.</summary>
    public required string Source { get; init; }

    /// <summary>The source's own name of the image, 1-1000 characters; unique within the source.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Where the bytes are: http, https, or file below a configured root.</summary>
    public required string Uri { get; init; }

    /// <summary>Identity of the pictured product, when the feed knows it.</summary>
    public string? ProductKey { get; init; }

    /// <summary><c>global</c> (GTIN, EAN, brand and MPN) or <c>source</c> (the seller's own number; the default).</summary>
    public string? KeyScope { get; init; }

    /// <summary>
    /// Rises with every change of the listing; default: the time of sending, Unix milliseconds. An older one never overwrites a newer one.
    /// </summary>
    public long? Revision { get; init; }
}
