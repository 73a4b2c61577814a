namespace CpfPipeline.Vision.Decoders;

/// <summary>Processes that decode end again and again, and it does not look as if it were the picture's fault.</summary>
/// <param name="message">For a person: what happened.</param>
public sealed class DecodersUnavailableException(string message) : IOException(message);
