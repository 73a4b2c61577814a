namespace CpfPipeline.Learning.Reports.Data;

/// <summary>Whether a candidate may replace the active model, and why.</summary>
public sealed record GateVerdict(bool Passed, string Reason);
