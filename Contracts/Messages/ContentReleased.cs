using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: images stopped referring to these contents (update, retraction, rejection), which may have left the live set.</summary>
/// <remarks>
/// What counts is what the database says when it is taken: a content that is live again stays in its group, however often or late this
/// comes.
/// </remarks>
public sealed record ContentReleased
{
    /// <summary>The contents that lost an image.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required IReadOnlyList<long> ContentIds { get; init; }
}
