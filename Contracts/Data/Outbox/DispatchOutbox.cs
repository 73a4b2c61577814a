namespace CpfPipeline.Data.Outbox;

/// <summary>
/// Publishes outbox rows after their transaction has committed. When the broker is unreachable it neither fails nor waits long: the sweeper
/// of any service publishes the rest later. The implementation is in Contracts/Hosting.
/// </summary>
/// <param name="rows">What <see cref="OutboxStore.AppendAsync"/> returned.</param>
/// <param name="cancellationToken">Ends the wait for the broker.</param>
public delegate Task DispatchOutbox(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
