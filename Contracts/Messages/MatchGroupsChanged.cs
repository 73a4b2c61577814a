using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>
/// Event for subscribers: match groups changed. Carries ids only; <c>GET /changes?after=seq</c> of the Matcher tells which contents joined,
/// left, merged or split, and is the way to catch up after an outage.
/// </summary>
/// <remarks>
/// May come twice and out of order: take it as a hint, and read <c>GET /changes</c> after the last event that you have handled.
/// </remarks>
public sealed record MatchGroupsChanged
{
    /// <summary>The active model.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long ModelId { get; init; }

    /// <summary>First group event of this change.</summary>
    public required long FirstSeq { get; init; }

    /// <summary>Last group event of this change.</summary>
    public required long LastSeq { get; init; }

    /// <summary>The groups that exist now or existed before (at most 1,000; a larger change comes as several messages).</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required IReadOnlyList<long> GroupIds { get; init; }
}
