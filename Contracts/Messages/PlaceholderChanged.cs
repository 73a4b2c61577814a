using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: a content came to be a placeholder (and is matched no more), or ceased to be one.</summary>
public sealed record PlaceholderChanged
{
    /// <summary>The content.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long ContentId { get; init; }

    /// <summary>Whether it is a placeholder now.</summary>
    public required bool IsPlaceholder { get; init; }

    /// <summary>Surely different products that show it.</summary>
    public required int ProductKeys { get; init; }

    /// <summary>Who said so; null when the count did, or the picture is of one colour.</summary>
    public string? Who { get; init; }
}
