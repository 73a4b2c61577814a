namespace CpfPipeline.Learning.Optimisation;

/// <summary>Learning rates over a run: a linear rise, then half a cosine down to zero.</summary>
internal static class WarmupCosine
{
    /// <summary>The factor on the base rate at a step, in (0, 1].</summary>
    /// <param name="step">0-based.</param>
    /// <param name="steps">Steps of the run.</param>
    /// <param name="warmupShare">Share of the steps that rise, 0..1.</param>
    public static double Factor(int step, int steps, double warmupShare)
    {
        var warmup = Math.Max(1, warmupShare * steps);
        return step < warmup
            ? Math.Min(1, (step + 1) / warmup)
            : .5 * (1 + Math.Cos(Math.PI * (step - warmup) / Math.Max(1, steps - warmup)));
    }
}
