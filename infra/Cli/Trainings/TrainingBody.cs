namespace CpfPipeline.Cli.Trainings;

/// <summary>The body of <c>POST /trainings</c>.</summary>
/// <param name="Kind"><c>training</c> or <c>threshold</c>.</param>
/// <param name="TargetPrecision">Precision to choose the threshold for, between 0 and 1; null for the best F1.</param>
internal sealed record TrainingBody(string Kind, double? TargetPrecision);
