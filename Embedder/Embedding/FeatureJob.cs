namespace CpfPipeline.Embedder.Embedding;

/// <summary>One picture for the workers.</summary>
internal readonly record struct FeatureJob(FeatureBatch Batch, int Index, byte[] Bytes);
