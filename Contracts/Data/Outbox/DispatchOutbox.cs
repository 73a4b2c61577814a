namespace CpfPipeline.Data.Outbox;

/// <summary>
/// Publishes outbox rows after their transaction was committed. Neither fails nor waits for long when the broker is away: what is left is
/// published later by the sweeper of any service. Contracts/Hosting has the one that does it.
/// </summary>
/// <param name="rows">What <see cref="OutboxStore.AppendAsync"/> gave.</param>
/// <param name="cancellationToken">Ends the wait for the broker.</param>
public delegate Task DispatchOutbox(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken);
