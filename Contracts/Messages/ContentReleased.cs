using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: images stopped referring to these contents (update, retraction, rejection), which may have left the live set.</summary>
public sealed record ContentReleased
{
    /// <summary>The contents that lost an image.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required IReadOnlyList<long> ContentIds { get; init; }
}
