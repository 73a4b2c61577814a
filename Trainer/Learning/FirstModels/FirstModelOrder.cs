namespace CpfPipeline.Learning.FirstModels;

/// <summary>What a first model is to be.</summary>
/// <param name="BackbonePath">An ONNX backbone with its metadata, or null for the default model.</param>
/// <param name="CalibrationFolder">Pictures to fit the head and the threshold with; not looked at for the default model.</param>
/// <param name="Precision">What the threshold has to reach on edited copies, 0 to 1; the default model has its own.</param>
public sealed record FirstModelOrder(string? BackbonePath, string CalibrationFolder, double Precision);
