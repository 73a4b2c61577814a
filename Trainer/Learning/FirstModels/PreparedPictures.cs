namespace CpfPipeline.Learning.FirstModels;

/// <summary>How far the preparation of a first model is.</summary>
/// <param name="Done">Calibration pictures whose features are there, with those of their copies.</param>
/// <param name="All">Calibration pictures.</param>
public readonly record struct PreparedPictures(int Done, int All);
