namespace CpfPipeline.Learning.FullDepth;

/// <summary>One row of a batch to come.</summary>
/// <param name="Picture">Index of the picture.</param>
/// <param name="Label">Index of its class.</param>
/// <param name="Copy">Which copy of the picture in this batch, from 0: another copy, another augmentation.</param>
internal readonly record struct PlannedPicture(int Picture, int Label, int Copy);
