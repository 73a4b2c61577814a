using System.Numerics.Tensors;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.Heads;

/// <summary>Makes heads without training: identity, and PCA of features, with or without knowledge of how copies differ.</summary>
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
    /// Features to unit length, mean removed, projected onto the leading directions, each divided by the square root of its standard
    /// deviation (half way to whitening), unit length again.
    /// </summary>
    /// <param name="features">Rows of F values, more than one.</param>
    /// <param name="embeddingDim">D; fewer when the features span less.</param>
    /// <param name="provenance">Where the features come from, for a person.</param>
    public static byte[] Pca(IReadOnlyList<float[]> features, int embeddingDim, string provenance)
    {
        var rows = Units(features);
        var mean = Scatter.Mean(rows);
        var (values, vectors) = SymmetricEigen.Solve(Scatter.Covariance(rows, mean));
        var kept = Kept(values, embeddingDim);
        var columns = new double[kept][];
        for (var k = 0; k < kept; k++)
        {
            columns[k] = new double[vectors[k].Length];
            TensorPrimitives.Divide(vectors[k], Math.Pow(values[k], .25), columns[k]);
        }

        return Write(mean, columns, provenance);
    }

    /// <summary>
    /// As <see cref="Pca"/>, but the space is first scaled by how much edited copies move in each direction (within-copy covariance,
    /// shrunk towards its mean variance): what a crop or a watermark changes counts less.
    /// </summary>
    /// <param name="features">Rows of F values.</param>
    /// <param name="copies">Pairs: the feature of a copy and of its original.</param>
    /// <param name="embeddingDim">D; fewer when the features span less.</param>
    /// <param name="shrinkage">0..1: how much of the mean variance is mixed in.</param>
    /// <param name="provenance">Where the features come from, for a person.</param>
    public static byte[] CopyAware(
        IReadOnlyList<float[]> features,
        IReadOnlyList<(float[] Copy, float[] Original)> copies,
        int embeddingDim,
        double shrinkage,
        string provenance,
        double whitening = .5)
    {
        var rows = Units(features);
        var mean = Scatter.Mean(rows);
        var moves = copies.Select(c => Difference(Unit(c.Copy), Unit(c.Original))).ToList();
        var within = Scatter.Covariance(moves, mean: null);
        var dim = within.Length;
        var average = Enumerable.Range(0, dim).Sum(i => within[i][i]) / dim;
        var (noise, directions) = SymmetricEigen.Solve(within);

        // Rows of `scaled` are the directions divided by their noise: coordinates in which copies move alike everywhere.
        var scaled = new double[dim][];
        for (var k = 0; k < dim; k++)
        {
            scaled[k] = new double[dim];
            var variance = ((1 - shrinkage) * Math.Max(noise[k], 0)) + (shrinkage * average);
            TensorPrimitives.Divide(directions[k], Math.Sqrt(variance), scaled[k]);
        }

        var moved = Project(rows, mean, scaled);
        var (values, vectors) = SymmetricEigen.Solve(Scatter.Covariance(moved, mean: null));
        var kept = Kept(values, embeddingDim);
        var columns = new double[kept][];
        Parallel.For(0, kept, k =>
        {
            var column = new double[dim];
            for (var j = 0; j < dim; j++)
            {
                TensorPrimitives.MultiplyAdd<double>(scaled[j], vectors[k][j] / Math.Pow(values[k], whitening), column, column);
            }

            columns[k] = column;
        });
        return Write(mean, columns, provenance);
    }

    private static List<double[]> Project(List<double[]> rows, double[] mean, double[][] axes)
    {
        var result = new double[rows.Count][];
        Parallel.For(0, rows.Count, i =>
        {
            var centred = Difference(rows[i], mean);
            result[i] = [.. axes.Select(a => TensorPrimitives.Dot<double>(a, centred))];
        });
        return [.. result];
    }

    private static int Kept(double[] values, int embeddingDim)
    {
        // Directions without variance (fewer pictures than dimensions) are noise of the arithmetic.
        var real = values.Count(v => v > values[0] * 1e-9 && v > 0);
        return real > 0
            ? Math.Min(embeddingDim, real)
            : throw new ArgumentException("all features are equal: nothing to project onto", nameof(values));
    }

    private static byte[] Write(double[] mean, double[][] columns, string provenance)
    {
        var (featureDim, embeddingDim) = (mean.Length, columns.Length);

        // Any scale gives the same embedding after the last norm; this one keeps float32 far from its ends.
        var largest = columns.Max(c => c.Max(Math.Abs));
        var matrix = new float[featureDim * embeddingDim];
        for (var k = 0; k < embeddingDim; k++)
        {
            for (var j = 0; j < featureDim; j++)
            {
                matrix[(j * embeddingDim) + k] = (float)(columns[k][j] / largest);
            }
        }

        var g = new GraphWriter("projection_head");
        var unit = g.Normalise(g.Input("feature", null, featureDim), 1);
        var centred = g.Node("Sub", [unit, g.Constant(mean.Select(m => (float)m).ToArray(), featureDim)]);
        var projected = g.Node("MatMul", [centred, g.Constant(matrix, featureDim, embeddingDim)]);
        g.Output(g.Normalise(projected, 1), "embedding", null, embeddingDim);
        return g.ToBytes(new HeadSpec("feature", "embedding", featureDim, embeddingDim, provenance).ToMetadata());
    }

    private static List<double[]> Units(IEnumerable<float[]> rows) => [.. rows.Select(Unit)];

    private static double[] Unit(float[] row)
    {
        var result = new double[row.Length];
        for (var i = 0; i < row.Length; i++)
        {
            result[i] = row[i];
        }

        TensorPrimitives.Divide(result, Math.Max(TensorPrimitives.Norm<double>(result), 1e-6), result);
        return result;
    }

    private static double[] Difference(double[] a, double[] b)
    {
        var result = new double[a.Length];
        TensorPrimitives.Subtract<double>(a, b, result);
        return result;
    }
}
