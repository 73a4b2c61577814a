using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Replays;

/// <summary>A rejected image as it was submitted.</summary>
/// <param name="Entry">What was submitted.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Detail">What was wrong, for a person.</param>
/// <param name="RejectedAt">When.</param>
internal sealed record RejectedImage(ImageEntry Entry, string Reason, string? Detail, DateTimeOffset RejectedAt);
