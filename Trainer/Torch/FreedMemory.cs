using System.Runtime.InteropServices;

namespace CpfPipeline.Trainer.Torch;

/// <summary>
/// Makes glibc keep what libtorch frees. Every step asks for the same tensors of megabytes again; by default each of them is a mapping of its own, whose
/// pages the kernel clears anew: a third of the time on the CPU, and four times the step's time on a busy machine (measured at batches of 64 x 64 px).
/// </summary>
internal static class FreedMemory
{
    // malloc.h
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;

    private const int Mappings = 1 << 30;
    private const int MostInOldGlibc = 32 << 20;

    private static readonly Lazy<bool> Kept = new(SetThresholds);

    /// <summary>Once a process; harmless where the C library is another one.</summary>
    public static void Keep() => _ = Kept.Value;

    private static bool SetThresholds()
    {
        try
        {
            return Mallopt(TrimThreshold, int.MaxValue) != 0 && (Mallopt(MmapThreshold, Mappings) != 0 || Mallopt(MmapThreshold, MostInOldGlibc) != 0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int Mallopt(int parameter, int value);
}
