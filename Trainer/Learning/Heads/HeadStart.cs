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
        return Head(
            moments.Mean, eye(moments.Mean.shape[0], dtype: ScalarType.Float64), moments.Total, squareRoot, embeddingDim, PcaShrinkage,
            PcaWhitening);
    }

    /// <param name="moments">Of the features, with labels.</param>
    /// <param name="squareRoot">As the moments were taken.</param>
    /// <param name="embeddingDim">D; fewer when the features span less.</param>
    /// <param name="shrinkage">0..1: how much of a ball is mixed into the scatter within classes.</param>
    /// <param name="whitening">Power of the variance by which the leading directions are divided: 0 keeps them, 0.5 whitens.</param>
    public static LinearHead Discriminant(FeatureMoments moments, bool squareRoot, int embeddingDim, double shrinkage, double whitening)
    {
        using var scope = NewDisposeScope();
        return Head(
            moments.Mean, Whitening(moments, shrinkage), moments.Total, squareRoot, embeddingDim, PcaShrinkage, whitening);
    }

    /// <param name="moments">Of the features, with labels.</param>
    /// <param name="embeddingDim">D; fewer when the features span less.</param>
    /// <param name="shrinkage">As for <see cref="Discriminant"/>.</param>
    /// <param name="whitening">As for <see cref="Discriminant"/>.</param>
    /// <param name="meanTaken">Share of the mean that is taken off, 0 to 1.</param>
    public static LinearHead Scatter(FeatureMoments moments, int embeddingDim, double shrinkage, double whitening, double meanTaken)
    {
        using var scope = NewDisposeScope();
        var left = moments.Mean * (1 - meanTaken);
        return Head(
            moments.Mean * meanTaken, Whitening(moments, shrinkage), moments.Total + left.outer(left), squareRoot: false, embeddingDim,
            PcaShrinkage, whitening);
    }

    // The inverse root of the scatter within classes.
    private static Tensor Whitening(FeatureMoments moments, double shrinkage)
    {
        var within = moments.Within
            ?? throw new ArgumentException("moments without labels have no scatter within classes", nameof(moments));
        var f = within.shape[0];
        var ball = eye(f, dtype: ScalarType.Float64) * (within.trace().item<double>() / f);
        var (values, vectors) = linalg.eigh(((1 - shrinkage) * within) + (shrinkage * ball));
        return (vectors * values.clamp(min: 1e-12).pow(-.5).unsqueeze(0)).mm(vectors.t());
    }

    private static LinearHead Head(
        Tensor mean, Tensor axes, Tensor total, bool squareRoot, int embeddingDim, double shrinkage, double whitening)
    {
        // The axes are symmetric.
        var covariance = axes.mm(total).mm(axes);
        var (variances, directions) = PrincipalAxes.Of((covariance + covariance.t()) / 2);
        var largest = variances[0].item<double>();
        if (!(largest > 0))
        {
            throw new ArgumentException("all features are equal: nothing to project onto", nameof(total));
        }

        // Directions without variance (fewer pictures than dimensions) are noise of the arithmetic.
        var kept = Math.Min(embeddingDim, (int)(variances > largest * 1e-9).sum().item<long>());
        var variance = variances.narrow(0, 0, kept);
        var scales = (((1 - shrinkage) * variance) + (shrinkage * variance.mean())).pow(-whitening);
        var projection = axes.mm(directions.narrow(1, 0, kept) * scales);

        // Any scale gives the same embedding; this one makes projected rows of about unit length, which rates of learning refer to.
        var length = projection.t().mm(total).mm(projection).trace().sqrt();
        var unit = (projection / length).to(ScalarType.Float32).contiguous();
        return new LinearHead(squareRoot, mean.to(ScalarType.Float32).data<float>().ToArray(), unit.data<float>().ToArray());
    }
}
