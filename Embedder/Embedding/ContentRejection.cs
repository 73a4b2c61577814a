namespace CpfPipeline.Embedder.Embedding;

/// <summary>A content whose bytes cannot be used.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Detail">What was wrong, for a person.</param>
internal sealed record ContentRejection(long ContentId, string Reason, string Detail);
