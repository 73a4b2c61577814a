namespace CpfPipeline.Data.Objects;

/// <summary>Something that lies in the bucket.</summary>
/// <param name="Key">Its key, without the prefix of the settings.</param>
/// <param name="WrittenAt">When it was last written, by the store's clock; of an unfinished upload when it began.</param>
/// <param name="Bytes">Its length; 0 for an unfinished upload and for the mark of a deletion.</param>
public sealed record StoredObject(string Key, DateTimeOffset WrittenAt, long Bytes)
{
    /// <summary>Which version it is; null in a bucket without them.</summary>
    public string? VersionId { get; init; }

    /// <summary>Which unfinished upload it is; null when it is none.</summary>
    public string? UploadId { get; init; }

    /// <summary>Whether it is the mark of a deletion.</summary>
    public bool IsMarker { get; init; }

    /// <summary>Whether nobody reads it: a former version, the mark of a deletion, an unfinished upload.</summary>
    public bool IsHidden { get; init; }
}
