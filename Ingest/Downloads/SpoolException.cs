namespace CpfPipeline.Ingest.Downloads;

/// <summary>A download cannot be written to the disk.</summary>
/// <param name="message">Why.</param>
internal sealed class SpoolException(string message) : Exception($"The download cannot be written: {message}");
