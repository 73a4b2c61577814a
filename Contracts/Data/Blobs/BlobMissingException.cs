namespace CpfPipeline.Data.Blobs;

/// <summary>
/// The database names a blob that the blob store does not have. The infrastructure is broken, or the writer uses another blob folder.
/// </summary>
/// <param name="message">Which blob, where.</param>
public sealed class BlobMissingException(string message) : Exception(message);
