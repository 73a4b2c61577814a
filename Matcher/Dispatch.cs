using CpfPipeline.Data;

namespace CpfPipeline.Matcher;

/// <summary>Publishes outbox rows after their commit; <see cref="Hosting.OutboxDispatcher.DispatchAsync"/> in the service.</summary>
internal delegate Task Dispatch(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
