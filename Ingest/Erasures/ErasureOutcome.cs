using CpfPipeline.Data.Outbox;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Answer to a request to erase.</summary>
/// <param name="Erasure">The erasure; when the same was asked for before, that one.</param>
/// <param name="Existing">Whether it was asked for before.</param>
/// <param name="Outbox">Rows to dispatch.</param>
internal sealed record ErasureOutcome(Erasure Erasure, bool Existing, IReadOnlyList<OutboxMessage> Outbox);
