using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Trainer.Losses;

/// <summary>Proxy-Anchor loss (Kim et al., CVPR 2020, equation 4): each class centre is an anchor over all pictures of the batch.</summary>
internal sealed class ProxyAnchorLoss : IEmbeddingLoss
{
    private readonly double _scale;
    private readonly double _margin;
    private readonly Parameter _centres;

    /// <param name="scale">alpha; 32 in the paper.</param>
    /// <param name="margin">delta; 0.1 in the paper.</param>
    /// <param name="centres">Start of the proxies <c>[C,D]</c>; copied.</param>
    public ProxyAnchorLoss(double scale, double margin, Tensor centres)
    {
        _scale = scale;
        _margin = margin;
        _centres = ClassCentres.Start(centres);
    }

    public Parameter? Centres => _centres;

    /// <inheritdoc/>
    public Tensor Forward(Tensor embeddings, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var cosines = UnitRows.Of(embeddings).mm(UnitRows.Of(_centres).t());
        var classes = cosines.shape[1];
        var own = nn.functional.one_hot(labels, classes).to(ScalarType.Bool);

        // log(1 + sum) over the batch as a logsumexp with a zero beside: a class without pictures here adds nothing to the first sum.
        var present = own.any(0).sum().to(cosines.dtype);
        var pull = Softplus(-_scale * (cosines - _margin), own).sum() / present;
        var push = Softplus(_scale * (cosines + _margin), own.logical_not()).sum() / classes;
        return (pull + push).MoveToOuterDisposeScope();
    }

    public void Dispose() => _centres.Dispose();

    private static Tensor Softplus(Tensor exponents, Tensor mask) =>
        cat([exponents.masked_fill(mask.logical_not(), double.NegativeInfinity), zeros_like(exponents[..1])], 0).logsumexp(0);
}
