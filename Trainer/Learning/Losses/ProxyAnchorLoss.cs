using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>Proxy-Anchor loss (Kim et al., CVPR 2020, equation 4): each class centre is an anchor over all pictures of the batch.</summary>
/// <param name="scale">alpha; 32 in the paper.</param>
/// <param name="margin">delta; 0.1 in the paper.</param>
/// <param name="centres">Start of the proxies <c>[C,D]</c>; copied.</param>
internal sealed class ProxyAnchorLoss(double scale, double margin, Tensor centres) : CentreLoss(centres)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor embeddings, Tensor labels, Tensor? unknown = null)
    {
        using var scope = NewDisposeScope();
        var cosines = Cosines(embeddings);
        var classes = cosines.shape[1];
        var own = nn.functional.one_hot(labels, classes).to(ScalarType.Bool);
        var other = unknown is null ? own.logical_not() : own.logical_or(unknown).logical_not();

        // log(1 + sum) over the batch as a logsumexp with a zero beside: a class without pictures here adds nothing to the first sum.
        var present = own.any(0).sum().to(cosines.dtype);
        var pull = Softplus(-scale * (cosines - margin), own).sum() / present;
        var push = Softplus(scale * (cosines + margin), other).sum() / classes;
        return (pull + push).MoveToOuterDisposeScope();
    }

    private static Tensor Softplus(Tensor exponents, Tensor mask) =>
        cat([exponents.masked_fill(mask.logical_not(), double.NegativeInfinity), zeros_like(exponents[..1])], 0).logsumexp(0);
}
