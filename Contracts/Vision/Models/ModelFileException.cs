namespace CpfPipeline.Vision.Models;

/// <summary>A model file cannot be used; the message says what is missing or wrong and what to do about it.</summary>
public sealed class ModelFileException : Exception
{
    public ModelFileException()
    {
    }

    public ModelFileException(string message)
        : base(message)
    {
    }

    public ModelFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
