using System.Runtime.InteropServices;

namespace CpfPipeline.Embedder.Runtime;

/// <summary>
/// glibc keeps an arena of its own for nearly every thread, and what libvips frees in one is not reused in another: over thousands of
/// pictures of all sizes the process grows. Two arenas are enough for a few workers, and large blocks go straight back to the system.
/// </summary>
internal static partial class NativeHeap
{
    private const int ArenaMax = -8; // M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h
    private const int MmapThreshold = -3;

    public static void Limit()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Set(ArenaMax, 2);
            _ = Set(MmapThreshold, 1 << 20);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library (musl) has neither these arenas nor this function.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int Set(int parameter, int value);
}
