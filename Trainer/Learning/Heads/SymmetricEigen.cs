using System.Numerics.Tensors;

namespace CpfPipeline.Learning.Heads;

/// <summary>
/// Eigenvalues and vectors of a symmetric matrix in float64: Householder reduction to tridiagonal form, then QL with implicit shifts
/// (Golub and Van Loan, Matrix Computations, 8.3). Deterministic; n = 1,280 takes seconds.
/// </summary>
internal static class SymmetricEigen
{
    /// <summary>Largest eigenvalue first; <c>Vectors[k]</c> is the unit vector of <c>Values[k]</c>, its largest component positive.</summary>
    public static (double[] Values, double[][] Vectors) Solve(double[][] matrix)
    {
        var n = matrix.Length;
        var a = matrix.Select(r => (double[])r.Clone()).ToArray();
        var diagonal = new double[n];
        var off = new double[n];
        var reflectors = Reduce(a, diagonal, off);

        // columns[k] is column k of the accumulated rotations: contiguous, so a rotation of two columns is one pass.
        var columns = Accumulate(reflectors, n);
        Iterate(diagonal, off, columns);

        var order = Enumerable.Range(0, n).OrderByDescending(i => diagonal[i]).ThenBy(i => i).ToArray();
        foreach (var column in columns)
        {
            var largest = TensorPrimitives.IndexOfMaxMagnitude(column);
            if (column[largest] < 0)
            {
                TensorPrimitives.Negate(column, column);
            }
        }

        return ([.. order.Select(i => diagonal[i])], [.. order.Select(i => columns[i])]);
    }

    // Row k of the trailing matrix is brought to tridiagonal form by a reflector that acts on the components after k.
    private static double[][] Reduce(double[][] a, double[] diagonal, double[] off)
    {
        var n = a.Length;
        var reflectors = new double[n][];
        var p = new double[n];
        for (var k = 0; k < n; k++)
        {
            diagonal[k] = a[k][k];
            var m = n - k - 1;
            if (m == 0)
            {
                break;
            }

            var x = a[k].AsSpan(k + 1, m);
            var norm = TensorPrimitives.Norm<double>(x);
            var v = new double[m];
            x.CopyTo(v);
            var alpha = v[0] > 0 ? -norm : norm;
            off[k] = alpha;
            v[0] -= alpha;
            var length = TensorPrimitives.Norm<double>(v);
            if (m == 1 || length < double.Epsilon * 4)
            {
                off[k] = m == 1 ? x[0] : alpha;
                continue;
            }

            TensorPrimitives.Divide(v, length, v);
            reflectors[k] = v;

            // A := H A H with H = I - 2vv': A - vw' - wv', w = 2(Av - (v'Av) v).
            var w = p.AsSpan(0, m);
            for (var i = 0; i < m; i++)
            {
                w[i] = 2 * TensorPrimitives.Dot<double>(a[k + 1 + i].AsSpan(k + 1, m), v);
            }

            var along = TensorPrimitives.Dot<double>(w, v);
            TensorPrimitives.MultiplyAdd<double>(v, -along, w, w);
            for (var i = 0; i < m; i++)
            {
                var row = a[k + 1 + i].AsSpan(k + 1, m);
                TensorPrimitives.MultiplyAdd<double>(w, -v[i], row, row);
                TensorPrimitives.MultiplyAdd<double>(v, -w[i], row, row);
            }
        }

        return reflectors;
    }

    // Q = H0 H1 ... ; column k of Q is Q e_k, built by applying the reflectors from the last to the first.
    private static double[][] Accumulate(double[][] reflectors, int n)
    {
        var columns = new double[n][];
        Parallel.For(0, n, c =>
        {
            var column = new double[n];
            column[c] = 1;
            for (var k = n - 1; k >= 0; k--)
            {
                if (reflectors[k] is { } v)
                {
                    var part = column.AsSpan(k + 1);
                    TensorPrimitives.MultiplyAdd<double>(v, -2 * TensorPrimitives.Dot<double>(part, v), part, part);
                }
            }

            columns[c] = column;
        });
        return columns;
    }

    private static void Iterate(double[] d, double[] e, double[][] columns)
    {
        var n = d.Length;
        for (var l = 0; l < n; l++)
        {
            for (var round = 0; ; round++)
            {
                var m = l;
                while (m < n - 1 && Math.Abs(e[m]) > 1e-16 * (Math.Abs(d[m]) + Math.Abs(d[m + 1])))
                {
                    m++;
                }

                if (m == l)
                {
                    break;
                }

                if (round == 100)
                {
                    throw new InvalidOperationException("the eigenvalues do not converge; is there a NaN among the features?");
                }

                Sweep(d, e, columns, l, m);
            }
        }
    }

    private static void Sweep(double[] d, double[] e, double[][] columns, int l, int m)
    {
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        var r = double.Hypot(g, 1);
        g = d[m] - d[l] + (e[l] / (g + (g >= 0 ? r : -r)));
        var (s, c, p) = (1.0, 1.0, 0.0);
        for (var i = m - 1; i >= l; i--)
        {
            var f = s * e[i];
            var b = c * e[i];
            r = double.Hypot(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }

            (s, c) = (f / r, g / r);
            g = d[i + 1] - p;
            r = ((d[i] - g) * s) + (2 * c * b);
            p = s * r;
            d[i + 1] = g + p;
            g = (c * r) - b;
            Rotate(columns[i], columns[i + 1], c, s);
        }

        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    private static void Rotate(double[] x, double[] y, double c, double s)
    {
        var width = System.Numerics.Vector<double>.Count;
        var i = 0;
        for (; i + width <= x.Length; i += width)
        {
            var a = new System.Numerics.Vector<double>(x, i);
            var b = new System.Numerics.Vector<double>(y, i);
            ((c * b) + (s * a)).CopyTo(y, i);
            ((c * a) - (s * b)).CopyTo(x, i);
        }

        for (; i < x.Length; i++)
        {
            var (a, b) = (x[i], y[i]);
            y[i] = (c * b) + (s * a);
            x[i] = (c * a) - (s * b);
        }
    }
}
