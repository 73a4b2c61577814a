namespace CpfPipeline.Trainer.Reports;

/// <summary>A named fact of a report.</summary>
public sealed record ReportFact(string Name, string Value);
