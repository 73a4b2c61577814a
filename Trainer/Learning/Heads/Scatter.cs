using System.Numerics.Tensors;

namespace CpfPipeline.Learning.Heads;

/// <summary>Mean and covariance of rows in float64.</summary>
internal static class Scatter
{
    public static double[] Mean(IReadOnlyList<double[]> rows)
    {
        var mean = new double[rows[0].Length];
        foreach (var row in rows)
        {
            TensorPrimitives.Add<double>(mean, row, mean);
        }

        TensorPrimitives.Divide(mean, rows.Count, mean);
        return mean;
    }

    /// <summary>Second moments <c>X'X / n</c>, after taking <paramref name="mean"/> away where given.</summary>
    public static double[][] Covariance(IReadOnlyList<double[]> rows, double[]? mean)
    {
        var dim = rows[0].Length;

        // Columns lie contiguous, so that an entry is one dot product; entries are independent, so threads change no bit.
        var columns = new double[dim][];
        for (var j = 0; j < dim; j++)
        {
            columns[j] = new double[rows.Count];
            for (var i = 0; i < rows.Count; i++)
            {
                columns[j][i] = rows[i][j] - (mean?[j] ?? 0);
            }
        }

        var result = new double[dim][];
        for (var i = 0; i < dim; i++)
        {
            result[i] = new double[dim];
        }

        Parallel.For(0, dim, i =>
        {
            for (var j = i; j < dim; j++)
            {
                result[i][j] = TensorPrimitives.Dot<double>(columns[i], columns[j]) / rows.Count;
            }
        });
        for (var i = 0; i < dim; i++)
        {
            for (var j = 0; j < i; j++)
            {
                result[i][j] = result[j][i];
            }
        }

        return result;
    }
}
