namespace CpfPipeline.Vision.Walls;

/// <summary>
/// All that a decoder's process may ask of the kernel once its libraries are loaded: memory, time, threads, waiting, and its open pipes.
/// What is not here fails with "not permitted", above all every call that opens a file, connects, starts a program, sends signals to
/// others, or mounts.
/// </summary>
internal static class SystemCallList
{
    /// <summary>With any arguments.</summary>
    public static IReadOnlyList<SystemCall> Free { get; } =
    [
        // What is open already: the two pipes. Each thread of the runtime makes one more, to wake itself up.
        new("read", 0, 63), new("write", 1, 64), new("readv", 19, 65), new("writev", 20, 66), new("pread64", 17, 67), new("close", 3, 57),
        new("fstat", 5, 80), new("lseek", 8, 62), new("poll", 7, null), new("ppoll", 271, 73),
        new("pipe2", 293, 59),

        // Memory.
        new("mprotect", 10, 226), new("munmap", 11, 215), new("brk", 12, 214), new("mremap", 25, 216), new("msync", 26, 227),
        new("mincore", 27, 232), new("madvise", 28, 233), new("mlock", 149, 228), new("munlock", 150, 229), new("membarrier", 324, 283),
        new("get_mempolicy", 239, 236),

        // Threads of its own.
        new("futex", 202, 98), new("gettid", 186, 178), new("set_robust_list", 273, 99), new("rseq", 334, 293),
        new("set_tid_address", 218, 96), new("sched_yield", 24, 124), new("sched_getaffinity", 204, 123), new("sched_getattr", 315, 275),
        new("getcpu", 309, 168), new("exit", 60, 93), new("exit_group", 231, 94),

        // Signals of its own.
        new("rt_sigaction", 13, 134), new("rt_sigprocmask", 14, 135), new("rt_sigreturn", 15, 139), new("sigaltstack", 131, 132),
        new("restart_syscall", 219, 128),

        // Time, chance, and who it is.
        new("clock_gettime", 228, 113), new("clock_getres", 229, 114), new("clock_nanosleep", 230, 115), new("nanosleep", 35, 101),
        new("gettimeofday", 96, 169), new("getrandom", 318, 278), new("getpid", 39, 172), new("getppid", 110, 173),
        new("getrusage", 98, 165), new("times", 100, 153), new("sysinfo", 99, 179), new("uname", 63, 160),
    ];

    /// <summary>Only for a thread of this process.</summary>
    public static SystemCall Clone { get; } = new("clone", 56, 220);

    /// <summary>Its flags lie in memory, where a filter cannot look. It is said not to exist; the C library then takes clone.</summary>
    public static SystemCall Clone3 { get; } = new("clone3", 435, 435);

    /// <summary>Only for private memory that does not grow by itself: no limit counts the others.</summary>
    public static SystemCall Map { get; } = new("mmap", 9, 222);

    /// <summary>Only for the thread that asks: the runtime does so in each new thread, and ends when it may not.</summary>
    public static SystemCall Affinity { get; } = new("sched_setaffinity", 203, 122);

    /// <summary>Only to this process.</summary>
    public static SystemCall SignalThread { get; } = new("tgkill", 234, 131);

    /// <summary>Only to read limits.</summary>
    public static SystemCall Limits { get; } = new("prlimit64", 302, 261);

    /// <summary>Only for names of threads and of memory.</summary>
    public static SystemCall ProcessControl { get; } = new("prctl", 157, 167);

    /// <summary>Installs the filter itself, and is not on the list.</summary>
    public static SystemCall Seccomp { get; } = new("seccomp", 317, 277);
}
