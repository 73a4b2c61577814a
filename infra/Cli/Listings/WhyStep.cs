using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Listings;

/// <summary>A row of <c>cpf.why</c>, with listings for names.</summary>
internal sealed record WhyStep
{
    /// <summary>0: the pair; from 1: a link of the chain.</summary>
    public required int Step { get; init; }

    public required string Reason { get; init; }

    public required string Explanation { get; init; }

    public required string A { get; init; }

    public required string B { get; init; }

    public double? Similarity { get; init; }

    public required double Threshold { get; init; }

    public string? Verdict { get; init; }

    [JsonNumberHandling(JsonIds.AsText)]
    public long? GroupA { get; init; }

    [JsonNumberHandling(JsonIds.AsText)]
    public long? GroupB { get; init; }

    public required bool SameGroup { get; init; }
}
