using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>Publishes outbox rows after their commit. Does not fail when the broker is unavailable.</summary>
internal delegate Task DispatchOutbox(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
