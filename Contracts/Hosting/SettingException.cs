namespace CpfPipeline.Hosting;

/// <summary>A setting without which the service cannot start is missing or cannot be used.</summary>
/// <param name="message">Which one, what is wrong with it, and how to set it. No secret.</param>
public sealed class SettingException(string message) : Exception(message);
