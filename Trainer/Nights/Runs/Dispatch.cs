using CpfPipeline.Data.Outbox;

namespace CpfPipeline.Nights.Runs;

/// <summary>Publishes outbox rows after their transaction.</summary>
public delegate Task Dispatch(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
