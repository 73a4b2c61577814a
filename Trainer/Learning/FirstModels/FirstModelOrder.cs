namespace CpfPipeline.Learning.FirstModels;

/// <summary>What a first model is to be.</summary>
/// <param name="BackbonePath">An ONNX backbone with its metadata, or null for the default model.</param>
/// <param name="CalibrationFolder">Pictures to fit the head and the threshold with; not looked at for the default model.</param>
/// <param name="Options">How it is fitted; not looked at for the default model.</param>
/// <param name="RequireWalls">Whether the processes that decode the pictures must have all their walls.</param>
public sealed record FirstModelOrder(
    string? BackbonePath, string CalibrationFolder, FirstModelOptions Options, bool RequireWalls = false);
