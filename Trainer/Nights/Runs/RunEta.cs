using CpfPipeline.Data.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Runs;

/// <summary>How much longer a run will take, by its present step's pace and by how long the later steps took the last time.</summary>
public static class RunEta
{
    private const float MinShare = .02f;

    /// <summary>Null when nothing is known: no run of this kind has finished before, or the run has ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="steps">Its steps so far.</param>
    /// <param name="last">Steps of the last run of its kind that finished; empty when there is none.</param>
    /// <param name="now">Now.</param>
    public static TimeSpan? Of(TrainingRun run, IReadOnlyList<TrainingStep> steps, IReadOnlyList<TrainingStep> last, DateTimeOffset now)
    {
        if (TrainingRunState.HasEnded(run.State) || last.Count == 0)
        {
            return null;
        }

        var took = last.Where(s => s.FinishedAt is not null).ToDictionary(s => s.Step, s => s.FinishedAt!.Value - s.StartedAt);
        var plan = RunPlan.StepsOf(run.Kind);
        var finished = steps.Where(s => s.FinishedAt is not null).Select(s => s.Step).ToHashSet();
        var left = TimeSpan.Zero;
        foreach (var step in plan.Where(s => !finished.Contains(s)))
        {
            var whole = took.GetValueOrDefault(step);
            left += step == run.Step && steps.FirstOrDefault(s => s.Step == step) is { } present
                ? Rest(now - present.StartedAt, run.Progress, whole) : whole;
        }

        return left;
    }

    private static TimeSpan Rest(TimeSpan elapsed, float share, TimeSpan whole) =>
        share >= MinShare ? elapsed / share * (1 - share)
        : whole > elapsed ? whole - elapsed
        : TimeSpan.Zero;
}
