using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Runs;

public sealed class RunPlanTests
{
    [Fact]
    public void StepsOf_Kinds_TakeWhatTheyNeed()
    {
        Assert.Equal(
            ["building_set", "training", "calibrating", "evaluating", "gate", "shadow_embed", "index", "join", "diff", "activate"],
            RunPlan.StepsOf(TrainingRunKind.Training));
        Assert.Equal(["building_set", "training", "calibrating", "evaluating", "gate", "join", "diff", "activate"],
            RunPlan.StepsOf(TrainingRunKind.Threshold));
        Assert.Equal(["shadow_embed", "index", "join", "diff", "activate"], RunPlan.StepsOf(TrainingRunKind.Activation));
        Assert.Throws<ArgumentException>(() => RunPlan.StepsOf("other"));
    }

    [Fact]
    public void Next_FromNothingToAll_WalksEveryStepOnce()
    {
        foreach (var kind in new[] { TrainingRunKind.Training, TrainingRunKind.Threshold, TrainingRunKind.Activation })
        {
            var (finished, walked) = (new HashSet<string>(), new List<string>());
            while (RunPlan.Next(kind, finished) is { } step)
            {
                Assert.Equal(RunPlan.Before(kind, step), walked);
                walked.Add(step);
                finished.Add(step);
            }

            Assert.Equal(RunPlan.StepsOf(kind), walked);
        }
    }
}
