using System.Runtime.InteropServices;

namespace CpfPipeline.Vision.Walls;

/// <summary>The numbers of a system call.</summary>
/// <param name="Name">As the kernel's tables have it.</param>
/// <param name="X64">Number on x86-64.</param>
/// <param name="Arm64">Number on arm64; null where it does not exist.</param>
internal sealed record SystemCall(string Name, int X64, int? Arm64)
{
    /// <summary>Its number on this machine; null where it does not exist.</summary>
    public int? On(Architecture architecture) => architecture switch
    {
        Architecture.X64 => X64,
        Architecture.Arm64 => Arm64,
        _ => throw new PlatformNotSupportedException($"No list of system calls for {architecture}."),
    };
}
