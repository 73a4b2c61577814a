namespace CpfPipeline.Hosting.Storage;

/// <summary>Registered by a service that erases blobs: its start finds out whether it may.</summary>
public sealed class BlobEraser;
