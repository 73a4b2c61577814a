using System.Globalization;
using System.Numerics.Tensors;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>
/// The head that tells edited copies of a picture from other pictures: each picture with its copies is a class, and the heads of depth
/// <c>head</c> compete on pictures that did not train.
/// </summary>
internal static class CopyHead
{
    /// <summary>Values of an embedding, at most.</summary>
    private const int EmbeddingDim = 256;

    /// <summary>A batch shows a picture with three of its copies.</summary>
    private const int RowsPerPicture = 4;

    /// <summary>Steps at most: copies of a few hundred pictures are learnt by then (measured).</summary>
    private const int MaxSteps = 600;

    /// <summary>Fits the head and chooses its kind.</summary>
    /// <param name="backbone">What made the features.</param>
    /// <param name="families">Pictures with their copies.</param>
    /// <param name="validates">Which of them choose the head.</param>
    /// <param name="seed">Of batches.</param>
    /// <param name="cancellationToken">Stops within a step.</param>
    /// <exception cref="TorchUnavailableException">libtorch does not load on this machine.</exception>
    public static HeadFile Fit(
        BackboneSpec backbone, IReadOnlyList<FeatureExtractor.Family> families, IReadOnlyList<bool> validates, int seed,
        CancellationToken cancellationToken)
    {
        var (dim, rows) = (backbone.FeatureDim, families.Sum(f => 1 + f.Copies.Count));
        var (values, classes, folds) = (new Half[rows * dim], new int[rows], new int[rows]);
        var next = 0;
        for (var i = 0; i < families.Count; i++)
        {
            foreach (var feature in families[i].Copies.Prepend(families[i].Original))
            {
                TensorPrimitives.ConvertToHalf(feature, values.AsSpan(next * dim, dim));
                (classes[next], folds[next]) = (i, validates[i] ? 0 : -1);
                next++;
            }
        }

        var options = new HeadOptions
        {
            EmbeddingDim = EmbeddingDim, PicturesPerClass = RowsPerPicture, Epochs = 10_000, MaxSteps = MaxSteps, Seed = seed,
            CrossFitBelow = 0,
        };
        var best = TorchDevice.Loaded(() =>
        {
            using var set = FitSet.Of(values, dim, classes, new int[rows], folds, [families.Count]);
            var baselines = new FitBaselines(set, CalibrationTarget.MaxF1);
            return new HeadFit(set, baselines, options.Validated(), TorchDevice.Choose().Device).Run(cancellationToken).Best;
        });
        return HeadFile.Load(
            best.Head.ToOnnx(string.Create(
                CultureInfo.InvariantCulture,
                $"{best.Name} head, fitted to {validates.Count(v => !v)} pictures and their edited copies; {backbone.Provenance}")),
            "the fitted head");
    }
}
