namespace CpfPipeline.Nights.Gate;

/// <summary>What the gate says of a candidate.</summary>
/// <param name="Passed">False: refused.</param>
/// <param name="Reason">A sentence with the figures that decided.</param>
internal sealed record GateDecision(bool Passed, string Reason);
