using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matching.Joins;

/// <summary>Makes what finds the candidates of a join.</summary>
/// <param name="left">The left rows.</param>
/// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
public delegate IPairPrefilter PrefilterFactory(EmbeddingMatrix left, int maxThreads);
