namespace CpfPipeline.Tests.Integration.Ingest.Attacks;

/// <summary>One submission that tries to reach what it may not, or a harmless one that looks like it.</summary>
/// <param name="Number">Its place in the table.</param>
/// <param name="Kind">What it tries.</param>
/// <param name="Outcome">A reason code, or <c>stored</c>.</param>
/// <param name="Uri">What is submitted.</param>
internal sealed record AttackVector(int Number, string Kind, string Outcome, string Uri);
