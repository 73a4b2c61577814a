namespace CpfPipeline.Nights.Drift;

/// <summary>How far the similarities of new contents have moved from those of calibration.</summary>
/// <param name="ModelId">The active model.</param>
/// <param name="Contents">New contents examined.</param>
/// <param name="Index">Population stability index; null with too few contents or without a histogram in the model's report.</param>
/// <param name="IsAlarm">Whether the index is at or above the alarm's level.</param>
/// <param name="Message">For a person.</param>
public sealed record DriftFinding(long ModelId, int Contents, double? Index, bool IsAlarm, string Message);
