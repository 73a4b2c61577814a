namespace CpfPipeline.Hosting.Background;

/// <summary>What follows from a failed step.</summary>
/// <param name="Pause">Time until the next try.</param>
/// <param name="IsNew">Whether this error has never been seen: log it with its stack.</param>
/// <param name="IsRepeated">Whether the step before failed in the same way: log nothing.</param>
internal readonly record struct LoopFailure(TimeSpan Pause, bool IsNew, bool IsRepeated);
