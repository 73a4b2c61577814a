using System.Runtime.InteropServices;

namespace CpfPipeline.Learning.Torch;

/// <summary>
/// Keeps what training frees for the next step. glibc gives large blocks back to the system and fetches them again, page by page and
/// cleared, at every operation: a ResNet trained at 66 pictures a core-second with its defaults and at 146 with these (64 pixels,
/// batches of 64). The process stays as large as its largest step.
/// </summary>
public static class TorchMemory
{
    // M_MMAP_THRESHOLD, M_TRIM_THRESHOLD and M_TOP_PAD of malloc.h.
    private const int MmapThreshold = -3;
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int ArenaMax = -8;

    /// <summary>
    /// One heap for all threads. With one a thread, what a step of training makes on one thread and frees on another leaves holes that the next step does not fit into:
    /// the process grew by 7 MB a step with 4,000 classes, to 15 GB with 16,000, and stays level with this. Call first of all: threads keep the heap they have. Does nothing
    /// where the C library is not glibc.
    /// </summary>
    public static void ShareOneHeap() => OnGlibc(() => _ = Set(ArenaMax, 1));

    /// <summary>Call once, before the first step. Does nothing where the C library is not glibc.</summary>
    public static void KeepFreed() => OnGlibc(() =>
    {
        _ = Set(MmapThreshold, 1 << 30);
        _ = Set(TrimThreshold, int.MaxValue);
        _ = Set(TopPad, 64 << 20);
    });

    /// <summary>Gives what is free back to the system: after a training in a process that goes on. Does nothing where the C library is not glibc.</summary>
    public static void GiveBack() => OnGlibc(() => _ = Trim(0));

    private static void OnGlibc(Action call)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            call();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library (musl) has no such functions.
        }
    }

    [DllImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Trim(nuint pad);

    [DllImport("libc.so.6", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Set(int parameter, int value);
}
