namespace CpfPipeline.Cli;

/// <summary>What the process ends with; part of the command line's contract.</summary>
internal enum ExitCode
{
    Done = 0,

    /// <summary>Finished, and the rejected inputs were listed.</summary>
    Rejected = 1,
    Usage = 2,

    /// <summary>A server, a service, a package or a privilege is missing or broken; a run of the Trainer failed or was cancelled.</summary>
    Infrastructure = 3,

    /// <summary>By the gate, or by the limit on churn.</summary>
    RefusedByGate = 4,
    TooLittleData = 5,

    /// <summary>Another command works in this checkout, or another run of the Trainer is going on.</summary>
    AlreadyRunning = 6,

    /// <summary>A feed failed as a whole: it could not be read, listed nothing, or was cancelled.</summary>
    FeedFailed = 7,
}
