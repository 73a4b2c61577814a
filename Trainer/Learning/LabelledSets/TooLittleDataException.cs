namespace CpfPipeline.Learning.LabelledSets;

/// <summary>There are too few pictures for what was asked; the message says how many there are and how many are needed.</summary>
public sealed class TooLittleDataException : Exception
{
    public TooLittleDataException()
    {
    }

    public TooLittleDataException(string message)
        : base(message)
    {
    }

    public TooLittleDataException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
