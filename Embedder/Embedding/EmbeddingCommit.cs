using CpfPipeline.Data.Outbox;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>What came of an <see cref="EmbeddingBatch"/>.</summary>
/// <param name="ServingChanged">Other heads serve by now; nothing was stored or announced.</param>
/// <param name="Overtaken">
/// Contents whose feature another process stored in the meantime. The stored feature is the truth, so an embedding of this process may not
/// go with it: compute again from what is stored. Everything else was committed.
/// </param>
/// <param name="Stored">Embeddings stored by this transaction.</param>
/// <param name="Outbox">Rows to dispatch.</param>
internal sealed record EmbeddingCommit(
    bool ServingChanged, IReadOnlyList<long> Overtaken, int Stored, IReadOnlyList<OutboxMessage> Outbox);
