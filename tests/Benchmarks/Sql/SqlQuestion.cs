namespace CpfPipeline.Tests.Benchmarks.Sql;

/// <summary>A query that is measured.</summary>
/// <param name="Name">What it asks.</param>
/// <param name="Text">SQL, one statement.</param>
/// <param name="Reach">How much of the catalogue it has to read.</param>
internal sealed record SqlQuestion(string Name, string Text, Reach Reach);
