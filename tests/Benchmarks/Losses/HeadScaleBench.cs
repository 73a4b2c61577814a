using System.Diagnostics;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Tests.Benchmarks.Running;

namespace CpfPipeline.Tests.Benchmarks.Losses;

/// <summary>
/// Depth head on 100,000 features of 1,280 values in 20,000 classes, with its baselines, threshold and choice, as a night does it. The
/// features are made up: what they are does not change what they cost.
/// </summary>
internal sealed class HeadScaleBench : IPipelineBench
{
    private const int Classes = 20_000;
    private const int PicturesPerClass = 5;
    private const int Dimension = 1_280;

    public string Name => "head-scale";

    public string Summary => "training a head on 100,000 features of 1,280 with 20,000 classes: minutes and memory";

    public bool OnlyWhenNamed => true;

    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        Task.Run(() => Run(context, cancellationToken), cancellationToken);

    private static BenchReport Run(BenchContext context, CancellationToken cancellationToken)
    {
        TorchMemory.KeepFreed();
        var folds = Enumerable.Range(0, Classes * PicturesPerClass).Select(i => i / PicturesPerClass % 5 == 0 ? 0 : -1).ToArray();
        using var set = FitSet.Of(
            Features(), Dimension, [.. Enumerable.Range(0, folds.Length).Select(i => i / PicturesPerClass)], new int[folds.Length], folds,
            [folds.Length / 2.0]);
        context.Say("features are there");
        var options = new HeadOptions().Validated();
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var fit = new HeadFit(
            set, new FitBaselines(set, CalibrationTarget.MaxF1), options, TorchDevice.Choose().Device,
            progress: new Lines(context)).Run(cancellationToken);
        var (minutes, core) = (Stopwatch.GetElapsedTime(start).TotalMinutes, (Environment.CpuUsage.TotalTime - cpu).TotalMinutes);
        using var process = Process.GetCurrentProcess();
        return new BenchReport(
            "100,000 features of 1,280 half values, 20,000 classes of five; a fifth of the classes validates; CPF, 256 values an "
                + "embedding, default settings",
            [
                new Figure("by the clock", minutes, "minutes") { Goal = "< 10", Met = minutes < 10 },
                new Figure("processor time", core, "core-minutes"),
                new Figure("peak memory of the process", process.PeakWorkingSet64 / 1e9, "GB") { Goal = "< 4",
                    Met = process.PeakWorkingSet64 < 4e9 },
                new Figure("steps kept", fit.Steps, "steps"),
                new Figure(
                    "validation F1 of the trained head", fit.Candidates.Single(c => c.Name == CandidateName.Trained).ValidationF1, ""),
                new Figure("validation F1 of the start (discriminant)",
                    fit.Candidates.Single(c => c.Name == CandidateName.Discriminant).ValidationF1, ""),
            ],
            ["With frozen, PCA and discriminant baselines measured, threshold calibrated, best chosen; reading the features is not in it.",
             "The features are random (class centre plus noise); where the start is perfect on them, training stops after four looks at "
                 + "validation (800 steps of 2,000)."]);
    }

    private static Half[] Features()
    {
        var values = new Half[(long)Classes * PicturesPerClass * Dimension];
        Parallel.For(0, Classes, c =>
        {
            var random = new Random(c);
            var centre = Enumerable.Range(0, Dimension).Select(_ => random.NextDouble()).ToArray();
            for (var k = 0; k < PicturesPerClass; k++)
            {
                var row = values.AsSpan(((c * PicturesPerClass) + k) * Dimension, Dimension);
                for (var j = 0; j < Dimension; j++)
                {
                    // The first axes differ more between pictures of a class than between classes.
                    row[j] = (Half)Math.Max(0, centre[j] + ((j < 200 ? 2.5 : 1.2) * (random.NextDouble() - .5)));
                }
            }
        });
        return values;
    }

    private sealed class Lines(BenchContext context) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step % 100 == 0)
            {
                context.Say(FormattableString.Invariant(
                    $"step {value.Step} of {value.Steps}, loss {value.Loss:0.0000}, validation F1 {value.ValidationF1:0.0000}"));
            }
        }
    }
}
