using System.Globalization;
using System.Numerics.Tensors;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>
/// The head that tells edited copies of a picture from other pictures: each picture with its copies is a class, and the directions in which
/// edits move a feature count less (<see cref="HeadStart.Scatter"/>). In closed form: the same features give the same head.
/// </summary>
/// <remarks>
/// The discriminant and heads trained with a loss tell copies of such pictures as well, but at the threshold that suits these, 97 of 100
/// links between photographs of another kind (birds, fitted to groceries and drawings) were wrong in the trial that chose this head;
/// <c>infra/cpf bench copy-head</c> measures it.
/// </remarks>
internal static class CopyHead
{
    /// <summary>
    /// Values of an embedding, at most, unless the caller knows better: the default model's 96 were tried with its backbone alone.
    /// </summary>
    private const int EmbeddingDim = 256;

    // Chosen on pictures that did not fit, photographs and drawings in a trial; infra/cpf bench copy-head measures them.
    private const double Shrinkage = .2;
    private const double Whitening = .1;
    private const double MeanTaken = .5;

    /// <summary>Fits the head.</summary>
    /// <param name="backbone">What made the features.</param>
    /// <param name="families">Pictures with their copies; each of their sets weighs as much as another.</param>
    /// <param name="embeddingDim">Values of an embedding, at most; null: 256.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TorchUnavailableException">libtorch does not load on this machine.</exception>
    public static HeadFile Fit(
        BackboneSpec backbone, IReadOnlyList<CopyFamily> families, int? embeddingDim, CancellationToken cancellationToken)
    {
        var (dim, rows) = (backbone.FeatureDim, families.Sum(f => 1 + f.Copies.Count));
        var (values, classes, sets) = (new Half[rows * dim], new int[rows], new int[rows]);
        var next = 0;
        for (var i = 0; i < families.Count; i++)
        {
            foreach (var feature in families[i].Copies.Prepend(families[i].Original))
            {
                TensorPrimitives.ConvertToHalf(feature, values.AsSpan(next * dim, dim));
                (classes[next], sets[next]) = (i, families[i].Picture.Set);
                next++;
            }
        }

        var sizes = sets.CountBy(s => s).ToDictionary();
        double[] weights = [.. sets.Select(s => (double)rows / (sizes.Count * sizes[s]))];
        var head = TorchDevice.Loaded(() =>
        {
            using var scope = NewDisposeScope();
            using var moments = FeatureMoments.Of(tensor(values, [rows, dim]), squareRoot: false, classes, weights, cancellationToken);
            return HeadStart.Scatter(moments, embeddingDim ?? EmbeddingDim, Shrinkage, Whitening, MeanTaken);
        });
        return HeadFile.Load(
            head.ToOnnx(string.Create(
                CultureInfo.InvariantCulture, $"scatter head, fitted to {families.Count} pictures and their edited copies")),
            "the fitted head");
    }
}
