namespace CpfPipeline.Hosting;

/// <summary>A setting without which the service cannot start.</summary>
/// <param name="message">Which one and how to set it.</param>
public sealed class ConfigurationMissingException(string message) : Exception(message);
