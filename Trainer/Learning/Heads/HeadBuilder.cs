using CpfPipeline.Learning.Graphs;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Heads;

/// <summary>Makes the heads of models that nobody has labelled pictures for: identity, and PCA that knows how copies differ.</summary>
public static class HeadBuilder
{
    /// <summary>Scales features to unit length, nothing else. D = F.</summary>
    public static byte[] Identity(int featureDim)
    {
        var g = new GraphWriter("identity_head");
        var feature = g.Input("feature", null, featureDim);
        g.Output(g.Normalise(feature, 1), "embedding", null, featureDim);
        return g.ToBytes(new HeadSpec("feature", "embedding", featureDim, featureDim, "identity: L2 norm of the feature").ToMetadata());
    }

    /// <summary>
    /// Features to unit length, mean removed, then PCA in a space that is first scaled by how much edited copies move in each direction
    /// (within-copy covariance, shrunk towards its mean variance): what a crop or a watermark changes counts less. The leading directions
    /// are whitened.
    /// </summary>
    /// <param name="features">Rows of F values.</param>
    /// <param name="copies">Pairs: the feature of a copy and of its original.</param>
    /// <param name="embeddingDim">D; fewer when the features span less.</param>
    /// <param name="shrinkage">0..1: how much of the mean variance is mixed in.</param>
    /// <param name="provenance">Where the features come from, for a person.</param>
    /// <exception cref="ArgumentException">All features are equal.</exception>
    /// <exception cref="TorchUnavailableException">libtorch does not load on this machine.</exception>
    public static byte[] CopyAware(
        IReadOnlyList<float[]> features,
        IReadOnlyList<(float[] Copy, float[] Original)> copies,
        int embeddingDim,
        double shrinkage,
        string provenance) =>
        TorchDevice.Loaded(() => ScalarLifetime.Again(() => Project(features, copies, embeddingDim, shrinkage))).ToOnnx(provenance);

    private static LinearHead Project(
        IReadOnlyList<float[]> features, IReadOnlyList<(float[] Copy, float[] Original)> copies, int embeddingDim, double shrinkage)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var rows = Units(features);
        var mean = rows.mean([0L]);
        var moves = Units([.. copies.Select(c => c.Copy)]) - Units([.. copies.Select(c => c.Original)]);
        var (noise, directions) = PrincipalAxes.Of(SecondMoments(moves));

        // Columns are the directions divided by their noise: coordinates in which copies move alike everywhere.
        var floor = noise.mean() * ScalarLifetime.Hold(shrinkage);
        var variance = (noise.clamp(min: ScalarLifetime.Hold(0)) * ScalarLifetime.Hold(1 - shrinkage)) + floor;
        var axes = directions / variance.sqrt();

        var (values, vectors) = PrincipalAxes.Of(SecondMoments((rows - mean).mm(axes)));
        var kept = Kept(values, embeddingDim);
        var projection = axes.mm(vectors.narrow(1, 0, kept) / values.narrow(0, 0, kept).sqrt());

        // Any scale gives the same embedding after the last norm; this one keeps float32 far from its ends.
        return new LinearHead(SquareRoot: false, Floats(mean), Floats(projection / projection.abs().max()));
    }

    private static int Kept(Tensor variances, int embeddingDim)
    {
        // Directions without variance (fewer pictures than dimensions) are noise of the arithmetic.
        var values = variances.data<double>().ToArray();
        var real = values.Count(v => v > values[0] * 1e-9 && v > 0);
        return real > 0
            ? Math.Min(embeddingDim, real)
            : throw new ArgumentException("all features are equal: nothing to project onto", nameof(variances));
    }

    private static Tensor SecondMoments(Tensor rows) => rows.t().mm(rows) / ScalarLifetime.Hold(rows.shape[0]);

    private static Tensor Units(IReadOnlyList<float[]> rows)
    {
        var values = new double[rows.Count * rows[0].Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = rows[i / rows[0].Length][i % rows[0].Length];
        }

        return LinearHead.Units(tensor(values, [rows.Count, rows[0].Length]), squareRoot: false);
    }

    private static float[] Floats(Tensor values) => values.to(ScalarType.Float32).contiguous().data<float>().ToArray();
}
