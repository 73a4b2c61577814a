namespace CpfPipeline.Data.Blobs;

/// <summary>
/// The database knows a blob that the blob store does not have: broken infrastructure, or another blob folder than the writer's.
/// </summary>
/// <param name="message">Which blob, where.</param>
public sealed class BlobMissingException(string message) : Exception(message);
