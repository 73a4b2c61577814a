using static TorchSharp.torch;

namespace CpfPipeline.Learning.Heads;

/// <summary>Mean and scatter of features in float64, read in blocks: memory does not grow with their number.</summary>
internal sealed class FeatureMoments : IDisposable
{
    private const int RowsATime = 4096;

    private FeatureMoments(Tensor mean, Tensor total, Tensor? within) => (Mean, Total, Within) = (mean, total, within);

    /// <summary><c>[F] float64</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>Covariance <c>[F,F] float64</c>.</summary>
    public Tensor Total { get; }

    /// <summary>Covariance about the means of classes, <c>[F,F] float64</c>; null without labels.</summary>
    public Tensor? Within { get; }

    /// <param name="features"><c>[N,F]</c> half or float32.</param>
    /// <param name="squareRoot">See <see cref="LinearHead"/>.</param>
    /// <param name="labels">Class of each row from 0, or null.</param>
    /// <param name="weights">How much each row counts, or null for all alike.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public static FeatureMoments Of(Tensor features, bool squareRoot, int[]? labels, double[]? weights, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (n, f) = ((int)features.shape[0], features.shape[1]);
        var classes = labels is null ? 0 : labels.Max() + 1;
        var (sum, outer, all) = (zeros(f, dtype: ScalarType.Float64), zeros([f, f], dtype: ScalarType.Float64), 0.0);
        var sums = zeros([Math.Max(1, classes), f], dtype: ScalarType.Float64);
        var sizes = new double[Math.Max(1, classes)];
        for (var first = 0; first < n; first += RowsATime)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var block = NewDisposeScope();
            var count = Math.Min(RowsATime, n - first);
            var x = LinearHead.Units(features.narrow(0, first, count), squareRoot).to(ScalarType.Float64);
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

        mean.DetachFromDisposeScope();
        total.DetachFromDisposeScope();
        return new FeatureMoments(mean, total, within);
    }

    public void Dispose()
    {
        Mean.Dispose();
        Total.Dispose();
        Within?.Dispose();
    }
}
