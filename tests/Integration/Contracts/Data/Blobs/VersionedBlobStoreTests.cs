namespace CpfPipeline.Tests.Integration.Contracts.Data.Blobs;

/// <summary>The same in a bucket that keeps what is deleted or replaced.</summary>
public sealed class VersionedBlobStoreTests : BucketBlobStoreTests
{
    private protected override string? Versioning => "Enabled";
}
