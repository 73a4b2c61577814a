using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Runs;

/// <summary>Which steps a run takes, and which is next.</summary>
public static class RunPlan
{
    private static readonly string[] Making =
    [
        TrainingRunStep.BuildingSet, TrainingRunStep.Training, TrainingRunStep.Calibrating, TrainingRunStep.Evaluating,
        TrainingRunStep.Gate,
    ];

    private static readonly string[] Embedding = [TrainingRunStep.ShadowEmbed, TrainingRunStep.Index];
    private static readonly string[] Handing = [TrainingRunStep.Join, TrainingRunStep.Diff, TrainingRunStep.Activate];

    /// <summary>
    /// The steps of a kind of run, in order. Another threshold needs no new embeddings. The activation of an existing model needs no
    /// training.
    /// </summary>
    public static IReadOnlyList<string> StepsOf(string kind) => kind switch
    {
        TrainingRunKind.Training => [.. Making, .. Embedding, .. Handing],
        TrainingRunKind.Threshold => [.. Making, .. Handing],
        TrainingRunKind.Activation => [.. Embedding, .. Handing],
        _ => throw new ArgumentException($"There is no kind of run '{kind}'.", nameof(kind)),
    };

    /// <summary>The first step that is not finished; null when all are.</summary>
    public static string? Next(string kind, IReadOnlySet<string> finished) =>
        StepsOf(kind).FirstOrDefault(step => !finished.Contains(step));

    /// <summary>
    /// Whether a step is one of those that make a candidate. They are one piece of work and are repeated as a whole; the training continues
    /// from its own checkpoint.
    /// </summary>
    public static bool IsMaking(string step) => Making.Contains(step);

    /// <summary>The steps of a kind that come before another.</summary>
    public static IReadOnlyList<string> Before(string kind, string step) => [.. StepsOf(kind).TakeWhile(s => s != step)];

    /// <summary>The steps that make a candidate.</summary>
    public static IReadOnlyList<string> MakingSteps => Making;
}
