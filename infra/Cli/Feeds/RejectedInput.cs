namespace CpfPipeline.Cli.Feeds;

/// <summary>An input of a feed that was rejected.</summary>
/// <param name="Row">Its row, from 1; null when its picture turned out to be unusable after the row had been taken.</param>
/// <param name="ExternalId">The image; empty when the row named none.</param>
/// <param name="Reason">Documented reason code.</param>
/// <param name="Detail">What was wrong, for a person.</param>
internal sealed record RejectedInput(long? Row, string ExternalId, string Reason, string? Detail)
{
    /// <summary>The name for a person.</summary>
    public string Name => ExternalId.Length == 0 ? "(no external_id)" : ExternalId;
}
