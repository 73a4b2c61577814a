namespace CpfPipeline.Data.Locks;

/// <summary>A wait for one of the <see cref="TransactionLocks"/>.</summary>
/// <param name="Lock">The lock's table.</param>
/// <param name="Waiter">Application name of the waiting session.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="HolderPid">Process id of the session that holds it. Null when it was released a moment ago.</param>
/// <param name="Holder">Application name of the session that holds it.</param>
public sealed record LockWait(string Lock, string Waiter, double Seconds, int? HolderPid, string? Holder);
