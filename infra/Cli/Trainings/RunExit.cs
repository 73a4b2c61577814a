using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Trainings;

/// <summary>How a run ended, as an exit code.</summary>
internal static class RunExit
{
    public static ExitCode Of(RunAnswer run) => run.State switch
    {
        TrainingRunState.Finished => ExitCode.Done,
        TrainingRunState.Refused => ExitCode.RefusedByGate,
        TrainingRunState.TooLittleData => ExitCode.TooLittleData,
        _ => ExitCode.Infrastructure, // failed, cancelled
    };
}
