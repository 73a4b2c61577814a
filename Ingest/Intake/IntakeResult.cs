using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Intake;

/// <summary>The outcome of an entry.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Effect">What the entry did to the image's row.</param>
/// <param name="Change">The state that the entry asked for; null when it was stale before its bytes were fetched.</param>
internal sealed record IntakeResult(ImageEntry Entry, ImageEffect Effect, ImageChange? Change)
{
    /// <summary>Reason code when the entry is refused, whether or not it won; else null.</summary>
    public string? Reason => Change?.RejectReason;

    /// <summary>Why its bytes cannot be had yet, so that it is fetched later; or null.</summary>
    public FetchOutcome? NotYet { get; init; }

    /// <summary>Whether it is to be fetched later; not when it was refused meanwhile, because its image was erased.</summary>
    public bool IsToBeParked => NotYet is not null && Reason is null;

    /// <summary>Whether another picture is known for the image at the same revision.</summary>
    public bool Conflicts { get; init; }
}
