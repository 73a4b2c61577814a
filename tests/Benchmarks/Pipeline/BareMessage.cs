namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>A message that carries an id and nothing else.</summary>
public sealed record BareMessage
{
    /// <summary>Any number.</summary>
    public required long Id { get; init; }
}
