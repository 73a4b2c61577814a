namespace CpfPipeline.Nights.Runs;

/// <summary>Which steps a run takes, and which is next.</summary>
public static class RunPlan
{
    private static readonly string[] Making = [RunStep.BuildingSet, RunStep.Training, RunStep.Calibrating, RunStep.Evaluating, RunStep.Gate];
    private static readonly string[] Embedding = [RunStep.ShadowEmbed, RunStep.Index];
    private static readonly string[] Handing = [RunStep.Join, RunStep.Diff, RunStep.Activate];

    /// <summary>The steps of a kind of run, in order. Another threshold needs no embeddings; a model that is there needs no training.</summary>
    public static IReadOnlyList<string> StepsOf(string kind) => kind switch
    {
        TrainingRunKind.Training => [.. Making, .. Embedding, .. Handing],
        TrainingRunKind.Threshold => [.. Making, .. Handing],
        TrainingRunKind.Activation => [.. Embedding, .. Handing],
        _ => throw new ArgumentException($"There is no kind of run '{kind}'.", nameof(kind)),
    };

    /// <summary>The first step that is not finished; null when all are.</summary>
    public static string? Next(string kind, IReadOnlySet<string> finished) => StepsOf(kind).FirstOrDefault(step => !finished.Contains(step));

    /// <summary>Whether a step is one of those that make a candidate: they are one piece of work, done again as a whole (the training goes on from its own checkpoint).</summary>
    public static bool IsMaking(string step) => Making.Contains(step);

    /// <summary>The steps of a kind that come before another.</summary>
    public static IReadOnlyList<string> Before(string kind, string step) => [.. StepsOf(kind).TakeWhile(s => s != step)];

    /// <summary>The steps that make a candidate.</summary>
    public static IReadOnlyList<string> MakingSteps => Making;
}
