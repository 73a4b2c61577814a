namespace CpfPipeline.Embedder.Devices;

/// <summary>How batches for devices are formed.</summary>
/// <param name="Size">Pictures of a batch.</param>
/// <param name="MaxWait">How long a picture waits for others.</param>
/// <param name="Workers">Threads that hand pictures in.</param>
/// <param name="Provider">Name of the execution provider, for the metric.</param>
internal sealed record DeviceBatching(int Size, TimeSpan MaxWait, int Workers, string Provider);
