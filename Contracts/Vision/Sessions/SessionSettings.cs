namespace CpfPipeline.Vision.Sessions;

/// <summary>How a network is run.</summary>
public sealed record SessionSettings
{
    /// <summary>Threads within one run. Default 1: services run batches side by side, which uses cores better (measured).</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>
    /// Most pictures in one run of a backbone; a longer batch is cut. It bounds memory (activations grow with it; about 5 MB a picture
    /// with MobileNetV2 at 224) and costs nothing on a CPU. Default 8. Results do not depend on it there.
    /// </summary>
    public int MaxRowsPerRun { get; init; } = 8;

    /// <summary>Which hardware. Default <see cref="ExecutionProviderRequest.Auto"/>.</summary>
    public ExecutionProviderRequest Provider { get; init; } = ExecutionProviderRequest.Auto;

    /// <summary>The CUDA device, where one is used. Default: the first.</summary>
    public DeviceSettings Device { get; init; } = new();
}
