using CpfPipeline.Ingest.Images;

namespace CpfPipeline.Ingest.Intake;

/// <summary>What became of an entry.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Effect">What it did to the image's row.</param>
/// <param name="Change">What it wanted the row to be; null when it was stale before its bytes were fetched.</param>
internal sealed record IntakeResult(ImageEntry Entry, ImageEffect Effect, ImageChange? Change)
{
    /// <summary>Reason code when the entry is refused, whether or not it won; else null.</summary>
    public string? Reason => Change?.RejectReason;
}
