using CpfPipeline.Data;

namespace CpfPipeline.Trainer.Runs;

/// <summary>Publishes outbox rows after their transaction; see <see cref="Hosting.OutboxDispatcher.DispatchAsync"/>.</summary>
internal delegate Task Dispatch(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
