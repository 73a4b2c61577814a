namespace CpfPipeline.Vision.Walls;

/// <summary>What keeps a decoder's process from doing harm, each by itself.</summary>
[Flags]
public enum Wall
{
    None = 0,

    /// <summary>No program that it starts may gain rights.</summary>
    NoNewPrivileges = 1,

    /// <summary>It leaves no core file, and no process of the same user may look into it.</summary>
    NotDumpable = 2,

    /// <summary>The kernel ends it with the process that started it.</summary>
    DiesWithParent = 4,

    /// <summary>Limits of memory, file size, open files and core files.</summary>
    Limits = 8,

    /// <summary>Only the system calls of a list: nothing is opened, connected, started, renamed or traced.</summary>
    SystemCalls = 16,

    /// <summary>Files other than the program's own and the system's libraries cannot be reached, from its first instruction on.</summary>
    Files = 32,

    /// <summary>A network of its own, without interfaces.</summary>
    Network = 64,

    /// <summary>None of the rights of root, but to read the program's files.</summary>
    Capabilities = 128,
}
