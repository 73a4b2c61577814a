namespace CpfPipeline.Cli.Trainings;

/// <summary>How a run ended, as an exit code.</summary>
internal static class RunExit
{
    public static ExitCode Of(RunAnswer run) => run.State switch
    {
        "finished" => ExitCode.Done,
        "refused" => ExitCode.RefusedByGate,
        "too_little_data" => ExitCode.TooLittleData,
        _ => ExitCode.Infrastructure, // failed, cancelled
    };
}
