namespace CpfPipeline.Cli.Verifications;

/// <summary>The model whose groups are recomputed.</summary>
/// <param name="ModelId">Handle.</param>
/// <param name="HeadId">Its head, which owns the embeddings.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="EmbeddingDim">Length of an embedding.</param>
internal sealed record ComparedModel(long ModelId, long HeadId, double Threshold, int EmbeddingDim);
