namespace CpfPipeline.Cli;

/// <summary>What the process ends with; part of the command line's contract.</summary>
internal enum ExitCode
{
    Done = 0,

    /// <summary>Finished, and the rejected inputs were listed.</summary>
    Rejected = 1,
    Usage = 2,

    /// <summary>A server, a service, a package or a privilege is missing or broken.</summary>
    Infrastructure = 3,
    RefusedByGate = 4,
    TooLittleData = 5,

    /// <summary>Another command works in this checkout.</summary>
    AlreadyRunning = 6,
}
