using CpfPipeline.Data.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Runs;

/// <summary>Runs to look at.</summary>
internal static class SomeRun
{
    public static readonly DateTimeOffset Start = new(2026, 2, 1, 2, 30, 0, TimeSpan.Zero);

    public static TrainingRun Of(string kind = TrainingRunKind.Training, string state = TrainingRunState.Running, string step = "training",
        string request = "{}") => new()
    {
        RunId = Guid.Parse("11111111-1111-1111-1111-111111111111"),
        Kind = kind,
        Trigger = "http",
        RequestJson = request,
        State = state,
        Step = step,
        Progress = 0,
        CancelRequested = false,
        HasReport = false,
        CreatedAt = Start,
        UpdatedAt = Start,
    };
}
