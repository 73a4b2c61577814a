using static TorchSharp.torch;

namespace CpfPipeline.Learning.Heads;

/// <summary>Heads without training: where training starts, and what it is compared with.</summary>
/// <remarks>
/// <para><b>Frozen</b>: the feature at unit length, nothing else; the measure of doing nothing.</para>
/// <para><b>PCA</b>: the leading directions of the features, each divided by the square root of its standard deviation with the variances
/// shrunk towards their mean (half way to whitening).</para>
/// <para><b>Discriminant</b>: the space is first whitened by the scatter within classes, shrunk towards a ball (what differs between
/// pictures of one product counts less), then PCA with a power of its own. It is Fisher's linear discriminant with a shrunk within-class
/// matrix: closed form, nothing drawn at random, and already better than many trained heads where classes are few.</para>
/// <para><b>Scatter</b>: whitened as the discriminant, but half of what all pictures have in common is kept. A head that takes off the mean
/// of its training pictures finds all pictures of another kind alike. This one only plays down what edits change, whatever the pictures
/// show; <c>infra/cpf bench copy-head</c> measures it.</para>
/// </remarks>
internal static class HeadStart
{
    private const double PcaShrinkage = .1;
    private const double PcaWhitening = .25;

    // Where the pictures of each class are all alike there is no scatter within classes.
    private const double MinVariance = 1e-12;

    public static LinearHead Frozen(int featureDim)
    {
        var identity = new float[featureDim * featureDim];
        for (var i = 0; i < featureDim; i++)
        {
            identity[(i * featureDim) + i] = 1;
        }

        return new LinearHead(SquareRoot: false, new float[featureDim], identity);
    }

    /// <param name="moments">Of the features.</param>
    /// <param name="squareRoot">As the moments were taken.</param>
    /// <param name="embeddingDim">D; fewer when the features span less.</param>
    public static LinearHead Pca(FeatureMoments moments, bool squareRoot, int embeddingDim)
    {
        using var scope = NewDisposeScope();
        return Head(moments, moments.Mean, axes: null, moments.Total, squareRoot, embeddingDim, PcaWhitening);
    }

    /// <param name="moments">Of the features, with labels.</param>
    /// <param name="squareRoot">As the moments were taken.</param>
    /// <param name="embeddingDim">D; fewer when the features span less.</param>
    /// <param name="shrinkage">0..1: how much of a ball is mixed into the scatter within classes.</param>
    /// <param name="whitening">Power of the variance by which the leading directions are divided: 0 keeps them, 0.5 whitens.</param>
    public static LinearHead Discriminant(FeatureMoments moments, bool squareRoot, int embeddingDim, double shrinkage, double whitening)
    {
        using var scope = NewDisposeScope();
        return Head(moments, moments.Mean, Whitening(moments, shrinkage), moments.Total, squareRoot, embeddingDim, whitening);
    }

    /// <param name="moments">Of the features, with labels.</param>
    /// <param name="embeddingDim">D; fewer when the features span less.</param>
    /// <param name="shrinkage">As for <see cref="Discriminant"/>.</param>
    /// <param name="whitening">As for <see cref="Discriminant"/>.</param>
    /// <param name="meanTaken">Share of the mean that is taken off, 0 to 1.</param>
    public static LinearHead Scatter(FeatureMoments moments, int embeddingDim, double shrinkage, double whitening, double meanTaken)
    {
        using var scope = NewDisposeScope();
        var left = (moments.Basis is { } basis ? basis.t().mv(moments.Mean) : moments.Mean) * (1 - meanTaken);
        return Head(
            moments, moments.Mean * meanTaken, Whitening(moments, shrinkage), moments.Total + left.outer(left), squareRoot: false,
            embeddingDim, whitening);
    }

    // An inverse root of the scatter within classes: of S = LL' it is the inverse of L'. Inverse roots differ by a rotation, which the
    // principal axes that follow undo. This one takes a fraction of the symmetric one's time.
    private static Tensor Whitening(FeatureMoments moments, double shrinkage)
    {
        var within = moments.Within
            ?? throw new ArgumentException("moments without labels have no scatter within classes", nameof(moments));
        var identity = eye(within.shape[0], dtype: ScalarType.Float64);
        var ball = within.trace().item<double>() / (moments.IsLimited ? within.shape[0] : moments.Mean.shape[0]);
        var shrunk = ((1 - shrinkage) * within) + (((shrinkage * ball) + MinVariance) * identity);
        return linalg.solve_triangular(linalg.cholesky(shrunk), identity, upper: false).t();
    }

    private static LinearHead Head(
        FeatureMoments moments, Tensor mean, Tensor? axes, Tensor total, bool squareRoot, int embeddingDim, double whitening)
    {
        var covariance = axes is null ? total : axes.t().mm(total).mm(axes);
        var (variances, directions) = PrincipalAxes.Of((covariance + covariance.t()) / 2);
        var largest = variances[0].item<double>();
        if (!(largest > 0))
        {
            throw new ArgumentException("all features are equal: nothing to project onto", nameof(total));
        }

        // Directions without variance (fewer pictures than dimensions) are noise of the arithmetic.
        var kept = Math.Min(embeddingDim, (int)(variances > largest * 1e-9).sum().item<long>());
        var variance = variances.narrow(0, 0, kept);
        var scales = (((1 - PcaShrinkage) * variance) + (PcaShrinkage * variance.mean())).pow(-whitening);
        var scaled = directions.narrow(1, 0, kept) * scales;
        var projection = axes is null ? scaled : axes.mm(scaled);

        // Any scale gives the same embedding; this one makes projected rows of about unit length, which rates of learning refer to.
        var length = projection.t().mm(total).mm(projection).trace().sqrt();
        var unit = ((moments.Basis is { } basis ? basis.mm(projection) : projection) / length).to(ScalarType.Float32).contiguous();
        return new LinearHead(squareRoot, mean.to(ScalarType.Float32).data<float>().ToArray(), unit.data<float>().ToArray())
        {
            Directions = moments.IsLimited ? moments.Basis!.to(ScalarType.Float32).contiguous().data<float>().ToArray() : null,
        };
    }
}
