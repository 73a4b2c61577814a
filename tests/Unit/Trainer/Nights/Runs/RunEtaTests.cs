using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Runs;

public sealed class RunEtaTests
{
    private static readonly TrainingStep[] Last =
    [
        Took("shadow_embed", 10), Took("index", 20), Took("join", 30), Took("diff", 5), Took("activate", 1),
    ];

    [Fact]
    public void Of_HalfOfAStepDone_TakesItsPaceAndTheRestOfBefore()
    {
        var run = SomeRun.Of(TrainingRunKind.Activation, step: "index") with { Progress = .25f };
        TrainingStep[] steps = [Took("shadow_embed", 9), new("index", SomeRun.Start, null)];

        Assert.Equal(TimeSpan.FromSeconds((8 * 3) + 30 + 5 + 1), RunEta.Of(run, steps, Last, SomeRun.Start.AddSeconds(8)));
    }

    [Fact]
    public void Of_StepWithoutProgress_TakesWhatIsLeftOfTheLastTime()
    {
        var run = SomeRun.Of(TrainingRunKind.Activation, step: "join");
        TrainingStep[] steps = [Took("shadow_embed", 9), Took("index", 9), new("join", SomeRun.Start, null)];

        Assert.Equal(TimeSpan.FromSeconds(26 + 6), RunEta.Of(run, steps, Last, SomeRun.Start.AddSeconds(4)));
        Assert.Equal(TimeSpan.FromSeconds(6), RunEta.Of(run, steps, Last, SomeRun.Start.AddSeconds(99)));
    }

    [Fact]
    public void Of_NothingToGoBy_IsUnknown()
    {
        Assert.Null(RunEta.Of(SomeRun.Of(), [], [], SomeRun.Start));
        Assert.Null(RunEta.Of(SomeRun.Of(TrainingRunKind.Activation, TrainingRunState.Finished), [], Last, SomeRun.Start));
    }

    private static TrainingStep Took(string step, int seconds) => new(step, SomeRun.Start, SomeRun.Start.AddSeconds(seconds));
}
