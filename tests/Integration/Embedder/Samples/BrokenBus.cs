using System.Reflection;

namespace CpfPipeline.Tests.Integration.Embedder.Samples;

/// <summary>A bus that is down: everything stays in the outbox, where a test can read it.</summary>
public class BrokenBus : DispatchProxy
{
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        throw new InvalidOperationException("no broker in this test");
}
