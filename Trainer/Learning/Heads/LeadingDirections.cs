using static TorchSharp.torch;

namespace CpfPipeline.Learning.Heads;

/// <summary>
/// The leading principal directions of features, without their covariance ever being made: block by block, in time that grows with F and
/// not with its cube.
/// </summary>
/// <remarks>
/// Subspace iteration from a random start (Halko, Martinsson and Tropp, Finding Structure with Randomness, SIAM Review 2011, algorithm
/// 4.4). The seed is fixed: the same features give the same directions.
/// </remarks>
internal static class LeadingDirections
{
    private const int RowsPerBlock = 4096;
    private const ulong Seed = 1;

    // The last few directions of those that are iterated converge slowly, so some more are.
    private const int Spare = 20;
    private const int Iterations = 3;

    /// <param name="features"><c>[N,F]</c> half or float32.</param>
    /// <param name="squareRoot">See <see cref="LinearHead"/>.</param>
    /// <param name="weights">How much each row counts, or null for all alike.</param>
    /// <param name="count">Directions wanted.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>Orthonormal columns <c>[F,count] float64</c>, those of the largest variance first.</returns>
    public static Tensor Of(Tensor features, bool squareRoot, double[]? weights, int count, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (n, f) = ((int)features.shape[0], features.shape[1]);
        var iterated = Math.Min(count + Spare, (int)Math.Min(n, f));
        var directions = linalg.qr(randn([f, iterated], generator: new Generator(Seed, CPU))).Q;
        for (var i = 0; i < Iterations; i++)
        {
            directions = linalg.qr(Spread(directions)).Q;
        }

        var within = directions.t().mm(Spread(directions)).to(ScalarType.Float64);
        var (_, axes) = PrincipalAxes.Of((within + within.t()) / 2);

        // Orthonormal to float64's digits, which the float32 of the iterations is not.
        return linalg.qr(directions.to(ScalarType.Float64).mm(axes.narrow(1, 0, count))).Q.MoveToOuterDisposeScope();

        // The scatter about the mean, times some columns.
        Tensor Spread(Tensor columns)
        {
            using var inner = NewDisposeScope();
            var (sum, product, all) = (zeros(f), zeros([f, columns.shape[1]]), 0.0);
            for (var first = 0; first < n; first += RowsPerBlock)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var block = NewDisposeScope();
                var rows = Math.Min(RowsPerBlock, n - first);
                var x = LinearHead.Units(features.narrow(0, first, rows), squareRoot).to(ScalarType.Float32);
                var w = weights is null
                    ? ones(rows) : tensor(weights.AsSpan(first, rows).ToArray()).to(ScalarType.Float32);
                var weighted = x * w.unsqueeze(1);
                sum.add_(weighted.sum([0L]));
                product.add_(weighted.t().mm(x.mm(columns)));
                all += weights is null ? rows : weights.AsSpan(first, rows).ToArray().Sum();
            }

            var mean = sum / all;
            return ((product / all) - mean.outer(columns.t().mv(mean))).MoveToOuterDisposeScope();
        }
    }
}
