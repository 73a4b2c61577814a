namespace CpfPipeline.Data.Outages;

/// <summary>A disk is nearly full: what would fill it waits.</summary>
public sealed class FullDiskException(string message) : IOException(message);
