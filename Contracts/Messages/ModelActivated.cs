namespace CpfPipeline.Contracts;

/// <summary>Event: the model is the active one from now on.</summary>
public sealed record ModelActivated
{
    /// <summary>The model that became active.</summary>
    public required long ModelId { get; init; }

    /// <summary>Its head.</summary>
    public required long HeadId { get; init; }
}
