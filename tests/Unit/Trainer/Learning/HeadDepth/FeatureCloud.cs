using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.HeadDepth;

/// <summary>Features of 40 classes x 6 in 24 dimensions, with noise that frozen features suffer from; and quick settings.</summary>
internal static class FeatureCloud
{
    public const int Dimension = 24;
    private const int Classes = 40;
    private const int PicturesPerClass = 6;

    public static HeadOptions Quick { get; } = new()
    {
        EmbeddingDim = 8, HeadRate = 1e-3, Epochs = 4, ClassesPerBatch = 8, PicturesPerClass = 3, Validations = 4, Threads = 1,
        Loss = new LossChoice(LossChoice.Cpf),
    };

    /// <param name="foldOf">Fold of a class, or -1 for one that only trains.</param>
    /// <param name="seed">Of the numbers.</param>
    public static FitSet Set(Func<int, int> foldOf, int seed = 1)
    {
        var random = new Random(seed);
        double Noise() => (2 * random.NextDouble()) - 1;
        var centres = Enumerable.Range(0, Classes).Select(_ => Enumerable.Range(0, Dimension).Select(_ => .8 + (.3 * Noise())).ToArray())
            .ToArray();
        int[] classes = [.. Enumerable.Range(0, Classes * PicturesPerClass).Select(i => i / PicturesPerClass)];
        var values = new Half[classes.Length * Dimension];
        for (var i = 0; i < classes.Length; i++)
        {
            // The first three axes differ more between pictures than between classes.
            for (var k = 0; k < Dimension; k++)
            {
                values[(i * Dimension) + k] = (Half)(centres[classes[i]][k] + ((k < 3 ? .7 : .1) * Noise()));
            }
        }

        return FitSet.Of(values, Dimension, classes, new int[classes.Length], [.. classes.Select(foldOf)], [classes.Length / 2.0]);
    }

    public static FitSet OneFold(int seed = 1) => Set(c => c % 4 == 0 ? 0 : -1, seed);

    public static FitSet TwoFolds(int seed = 1) => Set(c => c % 2, seed);

    public static FitSet FourFolds(int seed = 1) => Set(c => c % 4, seed);
}
