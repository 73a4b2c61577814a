using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: a verdict was given, changed or withdrawn; the groups of both contents follow it.</summary>
/// <remarks>The verdicts of the database count, so a repeat or a late one changes nothing.</remarks>
public sealed record VerdictGiven
{
    /// <summary>The smaller content id.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long ContentA { get; init; }

    /// <summary>The larger content id.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long ContentB { get; init; }

    /// <summary><c>same</c>, <c>different</c> or <c>withdrawn</c>.</summary>
    public required string Verdict { get; init; }
}
