namespace CpfPipeline.Data.Objects;

/// <summary>
/// The store of the blobs is away, full, or refuses. Whatever is asked of it next meets the same, so the work waits; unless it failed at
/// this one request. Exceptions end up in logs: this one names no key and no credentials, and holds none of the SDK's exceptions.
/// </summary>
/// <param name="fault">Why.</param>
/// <param name="message">What is said, in one sentence.</param>
public sealed class ObjectStoreException(ObjectStoreFault fault, string message) : IOException(message)
{
    /// <summary>Why.</summary>
    public ObjectStoreFault Fault => fault;
}
