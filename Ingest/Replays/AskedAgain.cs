using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Replays;

/// <summary>A rejected image, or an update that failed of a live one, as it was submitted.</summary>
/// <param name="Entry">What was submitted.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Detail">What was wrong, for a person.</param>
/// <param name="FailedAt">When.</param>
/// <param name="IsUpdate">Whether the image is live with an older picture.</param>
internal sealed record AskedAgain(ImageEntry Entry, string Reason, string? Detail, DateTimeOffset FailedAt, bool IsUpdate);
