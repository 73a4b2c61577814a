namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>A version of an object.</summary>
/// <param name="Key">The key.</param>
/// <param name="VersionId">The version; <c>null</c>, the word, where versions are off.</param>
/// <param name="Number">Rises with each write.</param>
/// <param name="Bytes">The bytes; null for the mark of a deletion.</param>
/// <param name="ETag">The tag, with quotes.</param>
/// <param name="Headers">What was sent with it: encryption.</param>
public sealed record FakeVersion(
    string Key, string VersionId, long Number, byte[]? Bytes, string ETag, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>When it was written.</summary>
    public DateTimeOffset WrittenAt { get; set; }
}
