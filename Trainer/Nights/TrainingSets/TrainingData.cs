namespace CpfPipeline.Nights.TrainingSets;

/// <summary>A training set with its vectors.</summary>
/// <param name="Set">Contents and classes.</param>
/// <param name="Features">Under the active backbone; null when they were not asked for.</param>
/// <param name="Embeddings">Under the active head, as stored; empty when the set is too small to go on with.</param>
internal sealed record TrainingData(TrainingSet Set, ContentVectors? Features, ContentVectors Embeddings);
