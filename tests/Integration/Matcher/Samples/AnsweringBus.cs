using System.Reflection;
using CpfPipeline.Contracts;
using MassTransit;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>A bus that hands each command about a probe to a function, in place of Ingest and the Embedder.</summary>
public class AnsweringBus : DispatchProxy
{
    /// <summary>Does what the services would do.</summary>
    internal Func<CheckProbe, Task> Asked { get; set; } = _ => Task.CompletedTask;

    /// <summary>A new one.</summary>
    internal static AnsweringBus Create() => (AnsweringBus)(object)Create<IBus, AnsweringBus>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Asked((CheckProbe)args![0]!);
}
