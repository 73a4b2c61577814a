namespace CpfPipeline.Vision.Sessions;

/// <summary>Which hardware may run networks.</summary>
public enum ExecutionProviderRequest
{
    /// <summary>CUDA when this build and this machine have it, else the CPU.</summary>
    Auto,

    /// <summary>The CPU, whatever there is.</summary>
    Cpu,
}
