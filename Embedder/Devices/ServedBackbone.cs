using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Embedder.Devices;

/// <summary>A loaded backbone: on devices while any works, else on the CPU, in the worker's own thread.</summary>
/// <param name="spec">What the backbone says about itself.</param>
/// <param name="provider">What runs it while all is well.</param>
/// <param name="cpu">The backbone on the CPU; opened when it is needed first, disposed with this.</param>
/// <param name="devices">Null where there is none; disposed with this.</param>
internal sealed class ServedBackbone(BackboneSpec spec, ExecutionProvider provider, Lazy<BackboneSession> cpu, DeviceGroup? devices)
    : IDisposable
{
    public BackboneSpec Spec => spec;

    /// <summary>For threads that run their pictures themselves; safe for any number of them.</summary>
    public BackboneSession Cpu => cpu.Value;

    /// <summary>Where decoded pictures are to be handed in; null while no device works.</summary>
    public DeviceGroup? Devices => devices is { Works: true } ? devices : null;

    /// <summary>What runs it now, and why not a device.</summary>
    public ExecutionProvider Provider => devices?.WhyNone is { } why ? new ExecutionProvider(ExecutionProvider.Cpu, why) : provider;

    public IReadOnlyList<DeviceReport> Report() => devices?.Report() ?? [];

    public void Dispose()
    {
        devices?.Dispose();
        if (cpu.IsValueCreated)
        {
            cpu.Value.Dispose();
        }
    }
}
