namespace CpfPipeline.Cli.Retractions;

/// <summary>What became of an image that was to be retracted.</summary>
/// <param name="ExternalId">The image.</param>
/// <param name="Outcome">One of the words below.</param>
/// <param name="Why">Why it was refused.</param>
internal sealed record RetractedImage(string ExternalId, string Outcome, string? Why = null)
{
    /// <summary>It is out of the groups.</summary>
    public const string Retracted = "retracted";

    /// <summary>It was retracted before.</summary>
    public const string Already = "already";

    /// <summary>The source never had it: nothing was done, since the id is most likely mistyped.</summary>
    public const string Unknown = "unknown";

    /// <summary>Ingest refused: a newer revision is known.</summary>
    public const string Refused = "refused";
}
