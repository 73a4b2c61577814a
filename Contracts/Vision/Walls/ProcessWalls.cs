using System.Globalization;
using System.Runtime.InteropServices;

namespace CpfPipeline.Vision.Walls;

/// <summary>
/// Walls that a decoder's process raises around itself: the first ones at its start, the last one before the first picture.
/// </summary>
internal static unsafe class ProcessWalls
{
    private const int DieWithParent = 1;
    private const int IsDumpable = 3;
    private const int SetDumpable = 4;
    private const int HasNoNewPrivileges = 39;
    private const int SetNoNewPrivileges = 38;
    private const int Killed = 9;
    private const int LimitFileSize = 1;
    private const int LimitData = 2;
    private const int LimitCore = 4;
    private const int LimitFiles = 7;
    private const int LimitAddresses = 9;
    private const ulong AddressBytes = 512UL << 30; // The runtime reserves 256 GB. It bounds the tables of pages.
    private const ulong OpenFiles = 256; // Some 90 are open: the libraries.
    private const int ModeFilter = 1;
    private const int AllThreads = 1;
    private const int NotPermitted = 1;

    /// <summary>Makes the kernel end this process with the thread that started it.</summary>
    /// <param name="parentId">The process that is to be the parent.</param>
    /// <returns>False when it has ended already.</returns>
    public static bool DiesWith(int parentId) => Libc.Prctl(DieWithParent, Killed) == 0 && Libc.ParentId() == parentId;

    /// <summary>
    /// Everything else. Afterwards nothing can be opened, so every library must be loaded.
    /// </summary>
    /// <param name="maxMemoryBytes">
    /// Private memory that may be written to: RLIMIT_DATA. Address space (RLIMIT_AS) says nothing here: the runtime reserves 256 GB that it
    /// does not use.
    /// </param>
    /// <returns>Those that stand, as far as the process can tell.</returns>
    public static Wall Raise(long maxMemoryBytes)
    {
        var walls = Wall.DiesWithParent;
        if ((Permitted() & ~(1UL << ThreadWalls.MayReadAnyFile)) == 0)
        {
            walls |= Wall.Capabilities;
        }

        if (Limit(LimitCore, 0) && Limit(LimitFileSize, 0) && Limit(LimitFiles, OpenFiles) && Limit(LimitAddresses, AddressBytes)
            && Limit(LimitData, (ulong)maxMemoryBytes))
        {
            walls |= Wall.Limits;
        }

        _ = Libc.Prctl(SetDumpable, 0);
        if (Libc.Prctl(IsDumpable) == 0)
        {
            walls |= Wall.NotDumpable;
        }

        _ = Libc.Prctl(SetNoNewPrivileges, 1);
        if (Libc.Prctl(HasNoNewPrivileges) == 1)
        {
            walls |= Wall.NoNewPrivileges;
        }

        return Filter() ? walls | Wall.SystemCalls : walls;
    }

    private static ulong Permitted() => File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("CapPrm:", StringComparison.Ordinal))
        .Select(line => ulong.Parse(line.AsSpan(line.IndexOf(':') + 1).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
        .FirstOrDefault(ulong.MaxValue);

    private static bool Limit(int resource, ulong value)
    {
        var limit = stackalloc ulong[2] { value, value };
        return Libc.SetLimit(resource, limit) == 0;
    }

    private static bool Filter()
    {
        var architecture = RuntimeInformation.ProcessArchitecture;
        if (architecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return false;
        }

        var program = SystemCallFilter.Program(architecture, Libc.OwnId());
        fixed (FilterStep* steps = program)
        {
            // struct sock_fprog: a short, and the pointer at its own alignment.
            var head = stackalloc nint[2] { program.Length, (nint)steps };
            var seccomp = SystemCallList.Seccomp.On(architecture)!.Value;
            return Libc.SystemCall(seccomp, ModeFilter, AllThreads, (nint)head) == 0 && Refused(Libc.Socket(1, 1, 0))
                && Refused(Libc.Open("/", Libc.OpenReadOnly));
        }
    }

    // The kernel is not believed, it is asked.
    private static bool Refused(int descriptor) => descriptor == -1 && Marshal.GetLastPInvokeError() == NotPermitted;
}
