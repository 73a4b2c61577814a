using CpfPipeline.Learning.Losses;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>Where projection and class centres start: at what the features know already.</summary>
internal static class ProjectionStart
{
    /// <summary>
    /// Leading principal directions of features, each divided by the square root of its standard deviation (half way to whitening). The direction of the
    /// mean is taken out, since a projection has no offset to remove it with.
    /// </summary>
    /// <param name="features">Unit rows <c>[N,F]</c>.</param>
    /// <param name="dimension">D, at most F.</param>
    /// <param name="seed">Of what stands in for directions that so few features do not span.</param>
    /// <returns><c>[F,D] float32</c>, the first column of unit length.</returns>
    public static Tensor Pca(Tensor features, int dimension, int seed)
    {
        using var scope = NewDisposeScope();
        var rows = features.cpu().to_type(ScalarType.Float64);
        var mean = rows.mean([0L]);
        var unit = mean / mean.norm().clamp(min: 1e-12);
        var centred = rows - mean;
        centred -= centred.mv(unit).unsqueeze(1) * unit;
        var (values, vectors) = linalg.eigh(centred.t().mm(centred) / rows.shape[0]);
        var (kept, directions) = (values.flip(0)[..dimension], vectors.flip(1)[.., ..dimension]);

        // Directions without variance are noise of the arithmetic: random ones, short, which training can make use of.
        var floor = kept[0].clamp(min: 1e-12) * 1e-4;
        var random = randn(directions.shape, dtype: ScalarType.Float64, generator: new Generator((ulong)seed, CPU));
        directions = where(kept > floor, directions, random / random.norm(0, keepdim: true));
        var scale = (kept.clamp(min: floor.item<double>()) / kept[0].clamp(min: 1e-12)).pow(-.25);
        return (directions * scale).to_type(ScalarType.Float32).to(features.device).MoveToOuterDisposeScope();
    }

    /// <summary>Mean embedding of each class.</summary>
    /// <param name="embeddings"><c>[N,D]</c>.</param>
    /// <param name="labels">Class of each row.</param>
    /// <param name="classes">C; a class without rows starts in a random direction.</param>
    /// <param name="seed">Of those.</param>
    public static Tensor Centres(Tensor embeddings, IReadOnlyList<int> labels, int classes, int seed)
    {
        using var scope = NewDisposeScope();
        var index = tensor([.. labels.Select(l => (long)l)], device: embeddings.device);
        var start = randn([classes, embeddings.shape[1]], generator: new Generator((ulong)seed, CPU)).to(embeddings.device) * 1e-6;
        return UnitRows.Of(start.index_add(0, index, embeddings, 1)).MoveToOuterDisposeScope();
    }
}
