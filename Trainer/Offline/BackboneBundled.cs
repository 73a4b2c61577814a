using System.Globalization;
using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone bundled</c>: trains the bundled model from scratch on a folder of pictures and writes it with its report.</summary>
internal static class BackboneBundled
{
    public static int Run(BackboneBundledSettings settings, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        var pictures = BundledPicture.Read(settings.Images);
        var seed = settings.Seed;
        var options = BundledRecipe.Options(seed, settings.Epochs ?? BundledRecipe.Epochs);
        var model = new BundledModel(pictures, time);
        var start = BackboneFile.Load(ResNetBackbone.Write(BundledRecipe.Graph, seed), "the new backbone");
        var result = FullTraining.Run(
            start,
            "the new backbone",
            BundledPicture.ForTraining(pictures.Where(p => p.IsFitted)),
            BundledPicture.ForTraining(pictures.Where(p => p.IsValidation)),
            options,
            settings.Checkpoint,
            new Lines(output, time),
            time,
            cancellationToken,
            output.WriteLine);
        var backbone = BackboneFile.Load(result.Backbone, "the trained backbone");
        var projection = ProjectionHead.Write(result.Projection, result.EmbeddingDim, $"projection trained with the backbone; {backbone.Spec.Provenance}");
        var candidates = model.Measure(backbone, [("trained projection", projection)], seed, cancellationToken);
        foreach (var candidate in candidates)
        {
            Write(output, candidate);
        }

        ModelFolder.Write(
            settings.Out,
            result.Backbone,
            candidates[0].Head,
            BundledReport.Json(candidates, result, options),
            BundledReport.Html(candidates, result, options, pictures, time, cancellationToken));
        return 0;
    }

    private static void Write(TextWriter output, BundledCandidate candidate)
    {
        var (test, copies) = (candidate.Test.Figures, candidate.Copies);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{candidate.Name}: validation copies F1 {candidate.Calibrated.CopiesF1:0.000}, keys F1 {candidate.Calibrated.KeysF1:0.000} at {candidate.Calibrated.Threshold:0.0000}; test among all: F1 {test.F1:0.000} (P {test.Precision:0.000}, R {test.Recall:0.000}, best {test.BestF1:0.000}), R@1 {test.RecallAt1:0.000}, B-cubed {test.BcubedF1:0.000}; alone: best F1 {candidate.BestAloneF1:0.000}; copies: F1 {copies.F1:0.000} (P {copies.Precision:0.000}, R {copies.Recall:0.000})"));
    }

    /// <summary>A line at each look at validation: a run of minutes must show that it gets somewhere, in a log file too.</summary>
    private sealed class Lines(TextWriter output, TimeProvider time) : IProgress<TrainingProgress>
    {
        private readonly long _start = time.GetTimestamp();

        public void Report(TrainingProgress value)
        {
            if (value.Stage != "training")
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{time.GetElapsedTime(_start).TotalSeconds,6:0} s  {value.Stage} {value.Step}/{value.Steps}  loss {value.Loss:0.0000}  validation F1 {value.ValidationF1:0.0000}"));
            }
        }
    }
}
