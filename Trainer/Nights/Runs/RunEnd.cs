using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Runs;

/// <summary>How a run ends.</summary>
/// <param name="State"><see cref="TrainingRunState"/>.</param>
/// <param name="Message">For a person.</param>
public sealed record RunEnd(string State, string Message)
{
    public static RunEnd Finished(string message) => new(TrainingRunState.Finished, message);

    public static RunEnd Refused(string reason) => new(TrainingRunState.Refused, reason);

    public static RunEnd TooLittleData(string reason) => new(TrainingRunState.TooLittleData, reason);

    public static RunEnd Failed(string reason) => new(TrainingRunState.Failed, reason);

    public static RunEnd Cancelled { get; } = new(TrainingRunState.Cancelled, "cancelled on request; the active model stayed as it was");
}
