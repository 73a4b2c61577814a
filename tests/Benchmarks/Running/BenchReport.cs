namespace CpfPipeline.Tests.Benchmarks.Running;

/// <summary>What a bench found.</summary>
/// <param name="Data">What it ran on: kind and size.</param>
/// <param name="Figures">The numbers.</param>
/// <param name="Notes">What a reader must know to judge them.</param>
internal sealed record BenchReport(string Data, IReadOnlyList<Figure> Figures, IReadOnlyList<string> Notes);
