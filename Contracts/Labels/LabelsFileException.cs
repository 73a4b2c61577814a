namespace CpfPipeline.Labels;

/// <summary>A labels.csv cannot be used; the message lists everything that is wrong with it and how to put it right.</summary>
public sealed class LabelsFileException(string message) : Exception(message);
