using CpfPipeline.Data.Outbox;

namespace CpfPipeline.Ingest.Intake;

/// <summary>Publishes outbox rows after their commit; does not fail when the broker is away.</summary>
internal delegate Task DispatchOutbox(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
