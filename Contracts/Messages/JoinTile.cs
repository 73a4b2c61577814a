using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>
/// Command: compute one tile of the exact join of a catalogue with itself. Which contents it compares, and at what threshold, is in the
/// plan of the join (<c>cpf.joins</c>), so that a message that comes late or twice cannot say anything else. A tile that is done, or whose
/// join is not wanted any more, is left alone.
/// </summary>
/// <remarks>Sent again when no tile was written for a while. Joiners take it as well.</remarks>
public sealed record JoinTile
{
    /// <summary>The join.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long JoinId { get; init; }

    /// <summary>The tile, from 0: block <c>Tile % blocks</c> on the left, range <c>Tile / blocks</c> on the right.</summary>
    public required int Tile { get; init; }
}
