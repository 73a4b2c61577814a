using CpfPipeline.Ingest.Fetching;

namespace CpfPipeline.Ingest.Downloads;

/// <summary>A download cannot be written to the disk.</summary>
/// <param name="fault">What the file system said.</param>
internal sealed class SpoolException(Exception fault) : Exception($"The download cannot be written: {FileFault.Of(fault)}.", fault);
