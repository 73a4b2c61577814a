namespace CpfPipeline.Vision.Decoders;

/// <summary>No process that decodes can be started: the machine or the installation is broken, not a picture.</summary>
public sealed class DecoderStartException : IOException
{
    public DecoderStartException(string message)
        : base(message)
    {
    }

    public DecoderStartException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
