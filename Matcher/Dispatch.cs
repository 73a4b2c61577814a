using CpfPipeline.Data.Outbox;

namespace CpfPipeline.Matcher;

/// <summary>Publishes outbox rows after their commit.</summary>
internal delegate Task Dispatch(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
