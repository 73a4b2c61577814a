namespace CpfPipeline.Learning.FullDepth;

/// <summary>A picture to train or validate on.</summary>
/// <param name="Path">The file.</param>
/// <param name="Class">Index of its class, from 0; training and validation number theirs separately. Not looked at where copies are the positives.</param>
public sealed record TrainingPicture(string Path, int Class);
