namespace CpfPipeline.Trainer.Reports;

/// <summary>Whether a candidate may replace the active model, and why.</summary>
public sealed record GateVerdict(bool Passed, string Reason);
