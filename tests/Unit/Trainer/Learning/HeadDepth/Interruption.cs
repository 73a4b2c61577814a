using CpfPipeline.Learning.Optimisation;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.HeadDepth;

/// <summary>Does something at the nth step, and remembers what was done.</summary>
internal sealed class Interruption(int step, Action action) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> Seen { get; } = [];

    public void Report(TrainingProgress value)
    {
        Seen.Add(value);
        if (Seen.Count == step)
        {
            action();
        }
    }
}
