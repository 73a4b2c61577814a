using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>
/// Command: put a rendition of these contents beside their bytes, where it is missing. Somebody is waiting to look at it; it expires when
/// nobody can be waiting any more.
/// </summary>
/// <remarks>A rendition that is there is left alone. The broker drops one that is late.</remarks>
public sealed record MakeRenditions
{
    /// <summary>At most 1,000 contents.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required IReadOnlyList<long> ContentIds { get; init; }

    /// <summary>See <see cref="Vocabulary.Rendition"/>. An unknown one is ignored.</summary>
    public required string Rendition { get; init; }
}
