namespace CpfPipeline.Data.Access;

/// <summary>A row of the audit.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Act">What, such as <c>verdict</c> or <c>key.add</c>.</param>
/// <param name="Target">On what, by ids; null: nothing in particular.</param>
/// <param name="Outcome">See <see cref="AuditOutcome"/>.</param>
/// <param name="Detail">More, never a secret.</param>
public sealed record AuditEntry(
    Actor Actor, string Act, string? Target = null, string Outcome = AuditOutcome.Done, string? Detail = null);
