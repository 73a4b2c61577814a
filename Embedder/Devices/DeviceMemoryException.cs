namespace CpfPipeline.Embedder.Devices;

/// <summary>A run does not fit into the device's memory.</summary>
internal sealed class DeviceMemoryException(string message, Exception? inner = null) : Exception(message, inner);
