namespace CpfPipeline.Tests.Benchmarks.Running;

/// <summary>A bench cannot run here: something it needs is missing, named by the message.</summary>
internal sealed class BenchSkippedException(string message) : Exception(message);
