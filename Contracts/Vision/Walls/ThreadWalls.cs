namespace CpfPipeline.Vision.Walls;

/// <summary>
/// Walls that a thread raises around itself alone, and that the processes it starts are born with. It must do nothing else but start them.
/// </summary>
internal static class ThreadWalls
{
    private const int SetNoNewPrivileges = 38;
    private const int DropFromBoundingSet = 24;
    private const int AmbientSet = 47;
    private const int ClearAll = 4;
    private const int NewNetwork = 0x4000_0000;

    /// <summary>CAP_DAC_READ_SEARCH: root starts programs that lie in somebody else's folder.</summary>
    public const int MayReadAnyFile = 2;

    private const int Capabilities = 64; // More than there are: the kernel refuses those.

    /// <summary>Where libraries lie, and what they and the runtime ask of the system when they start.</summary>
    private static readonly string[] SystemFolders =
    [
        "/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/nix/store", "/proc", "/sys/fs/cgroup", "/sys/devices/system",
    ];

    private static readonly string[] SystemFiles = ["/etc/ld.so.cache", "/dev/urandom", "/dev/zero"];

    private static readonly string[] Sinks = ["/dev/null"];

    /// <param name="folders">The runtime's.</param>
    /// <param name="files">The program's.</param>
    /// <returns>Those that stand.</returns>
    public static Wall Raise(IEnumerable<string> folders, IEnumerable<string> files)
    {
        var walls = Wall.None;
        if (Libc.Unshare(NewNetwork) == 0)
        {
            walls |= Wall.Network;
        }

        DropCapabilities();
        if (Libc.Prctl(SetNoNewPrivileges, 1) == 0)
        {
            walls |= Wall.NoNewPrivileges;
            if (FileRules.Apply([.. SystemFolders, .. folders], [.. SystemFiles, .. files], Sinks))
            {
                walls |= Wall.Files;
            }
        }

        return walls;
    }

    // Programs started by root get all rights anew, but those that were dropped from the bounding set. Who may not drop them has none. The
    // process that is started looks what it has.
    private static void DropCapabilities()
    {
        _ = Libc.Prctl(AmbientSet, ClearAll);
        for (var capability = 0; capability < Capabilities; capability++)
        {
            if (capability != MayReadAnyFile)
            {
                _ = Libc.Prctl(DropFromBoundingSet, (nuint)capability);
            }
        }
    }
}
