using static TorchSharp.torch;

namespace CpfPipeline.Learning.Heads;

/// <summary>Mean and scatter of features in float64, read in blocks: memory does not grow with their number.</summary>
/// <remarks>
/// N pictures span at most N directions. Where that is fewer than a feature's values, the scatter is kept in coordinates of an orthonormal
/// basis of the span: nothing is lost, and a decomposition takes <c>(N/F)^3</c> of the time. On request it is kept in the leading principal
/// directions alone (<see cref="LeadingDirections"/>), and the rest is given up.
/// </remarks>
internal sealed class FeatureMoments : IDisposable
{
    private const int RowsPerBlock = 4096;

    private FeatureMoments(Tensor mean, Tensor total, Tensor? within, Tensor? basis, bool isLimited) =>
        (Mean, Total, Within, Basis, IsLimited) = (mean, total, within, basis, isLimited);

    /// <summary><c>[F] float64</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>Covariance <c>[R,R] float64</c> in the coordinates of <see cref="Basis"/>.</summary>
    public Tensor Total { get; }

    /// <summary>Covariance about the means of classes, <c>[R,R] float64</c> in the same coordinates; null without labels.</summary>
    public Tensor? Within { get; }

    /// <summary>Orthonormal columns <c>[F,R] float64</c> that span the features; null: the axes are the features' own.</summary>
    public Tensor? Basis { get; }

    /// <summary>Whether the basis leaves directions out that the features have.</summary>
    public bool IsLimited { get; }

    /// <param name="features"><c>[N,F]</c> half or float32.</param>
    /// <param name="squareRoot">See <see cref="LinearHead"/>.</param>
    /// <param name="labels">Class of each row from 0, or null.</param>
    /// <param name="weights">How much each row counts, or null for all alike.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <param name="maxDirections">Principal directions to keep, at most; null: all.</param>
    public static FeatureMoments Of(
        Tensor features, bool squareRoot, int[]? labels, double[]? weights, CancellationToken cancellationToken, int? maxDirections = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        cancellationToken.ThrowIfCancellationRequested();
        var n = (int)features.shape[0];
        var limit = maxDirections < Math.Min(n, features.shape[1]) ? maxDirections : null;
        var basis = limit is { } most ? LeadingDirections.Of(features, squareRoot, weights, most, cancellationToken)
            : n < features.shape[1] ? linalg.qr(Units(0, n).t()).Q : null;
        var r = basis?.shape[1] ?? features.shape[1];
        var classes = labels is null ? 0 : labels.Max() + 1;
        var (sum, outer, all) = (zeros(r, dtype: ScalarType.Float64), zeros([r, r], dtype: ScalarType.Float64), 0.0);
        var sums = zeros([Math.Max(1, classes), r], dtype: ScalarType.Float64);
        var sizes = new double[Math.Max(1, classes)];
        for (var first = 0; first < n; first += RowsPerBlock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var block = NewDisposeScope();
            var count = Math.Min(RowsPerBlock, n - first);
            var x = basis is null ? Units(first, count) : Units(first, count).mm(basis);
            var w = weights is null ? ones(count, dtype: ScalarType.Float64) : tensor(weights.AsSpan(first, count).ToArray());
            var weighted = x * w.unsqueeze(1);
            outer.add_(weighted.t().mm(x));
            sum.add_(weighted.sum([0L]));
            for (var i = 0; i < count; i++)
            {
                var weight = weights?[first + i] ?? 1;
                all += weight;
                sizes[labels?[first + i] ?? 0] += weight;
            }

            if (labels is not null)
            {
                sums.index_add_(0, tensor(labels.AsSpan(first, count).ToArray()).to(ScalarType.Int64), weighted, 1);
            }
        }

        var mean = sum / all;
        var total = (outer / all) - mean.outer(mean);
        Tensor? within = null;
        if (labels is not null)
        {
            // Sum over classes of (sum x)(sum x)' / weight; an empty class has a zero row.
            var scaled = sums / tensor(sizes).clamp(min: 1e-300).sqrt().unsqueeze(1);
            within = (outer - scaled.t().mm(scaled)) / all;
            within.DetachFromDisposeScope();
        }

        basis?.DetachFromDisposeScope();
        total.DetachFromDisposeScope();
        return new FeatureMoments(
            (basis is null ? mean : basis.mv(mean)).DetachFromDisposeScope(), total, within, basis, isLimited: limit is not null);

        Tensor Units(int first, int count) =>
            LinearHead.Units(features.narrow(0, first, count), squareRoot).to(ScalarType.Float64);
    }

    public void Dispose()
    {
        Mean.Dispose();
        Total.Dispose();
        Within?.Dispose();
        Basis?.Dispose();
    }
}
