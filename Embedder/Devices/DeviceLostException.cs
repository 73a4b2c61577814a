namespace CpfPipeline.Embedder.Devices;

/// <summary>A device cannot be opened, or stopped working.</summary>
internal sealed class DeviceLostException(string message, Exception? inner = null) : Exception(message, inner);
