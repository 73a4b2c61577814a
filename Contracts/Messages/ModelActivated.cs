using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: the model is the active one from now on.</summary>
/// <remarks>What counts is which model the database says is active, so a repeat or a late one changes nothing.</remarks>
public sealed record ModelActivated
{
    /// <summary>The model that became active.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long ModelId { get; init; }

    /// <summary>Its head.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long HeadId { get; init; }
}
