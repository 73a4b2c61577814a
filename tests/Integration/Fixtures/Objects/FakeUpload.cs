namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>An upload that was begun.</summary>
/// <param name="Key">The key.</param>
/// <param name="UploadId">The upload.</param>
/// <param name="Headers">What was sent with it.</param>
public sealed record FakeUpload(string Key, string UploadId, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>When it began.</summary>
    public DateTimeOffset BegunAt { get; set; }

    /// <summary>Its parts so far.</summary>
    public SortedDictionary<int, (byte[] Bytes, string ETag)> Parts { get; } = [];
}
