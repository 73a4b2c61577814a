using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>Publishes outbox rows after their commit; does not fail when the broker is away.</summary>
internal delegate Task DispatchOutbox(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
