namespace CpfPipeline.Data.Locks;

/// <summary>Somebody waits for one of the <see cref="TransactionLocks"/>.</summary>
/// <param name="Lock">The lock's table.</param>
/// <param name="Waiter">Application name of who waits.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="HolderPid">Database session of who holds it; null when it was given back a moment ago.</param>
/// <param name="Holder">Application name of who holds it.</param>
public sealed record LockWait(string Lock, string Waiter, double Seconds, int? HolderPid, string? Holder);
