namespace CpfPipeline.Learning.Reports.Data;

/// <summary>A named fact of a report.</summary>
public sealed record ReportFact(string Name, string Value);
