using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: a content became a placeholder (and is no longer matched), or stopped being one.</summary>
/// <remarks>May come twice and out of order: the view <c>cpf.placeholders</c> says what is true now.</remarks>
public sealed record PlaceholderChanged
{
    /// <summary>The content.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long ContentId { get; init; }

    /// <summary>Whether it is a placeholder now.</summary>
    public required bool IsPlaceholder { get; init; }

    /// <summary>Number of certainly different products that show it.</summary>
    public required int ProductKeys { get; init; }

    /// <summary>The person who decided it. Null when the count did, or the picture is of one colour.</summary>
    public string? Who { get; init; }
}
