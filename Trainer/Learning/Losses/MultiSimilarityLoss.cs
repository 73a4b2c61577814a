using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>
/// Multi-Similarity loss with its pair mining (Wang et al., CVPR 2019, equations 11, 12, 15). A pair-based loss: it has no centres and needs two
/// pictures or more of a class in a batch.
/// </summary>
/// <param name="alpha">Weight of positives; 2 in the paper.</param>
/// <param name="beta">Weight of negatives; 50 in the paper.</param>
/// <param name="offset">Similarity about which both turn, lambda; 0.5 here (1 in the paper's text, 0.5 in its code).</param>
/// <param name="mining">Margin epsilon of the mining; 0.1 in the paper.</param>
internal sealed class MultiSimilarityLoss(double alpha = 2, double beta = 50, double offset = .5, double mining = .1) : IEmbeddingLoss
{
    public Parameter? Centres => null;

    /// <inheritdoc/>
    public Tensor Forward(Tensor embeddings, Tensor labels, Tensor? unknown = null)
    {
        using var scope = NewDisposeScope();
        var unit = UnitRows.Of(embeddings);
        var similarities = unit.mm(unit.t());
        var same = labels.unsqueeze(0) == labels.unsqueeze(1);
        var other = same.logical_not();
        if (unknown is not null)
        {
            other = other.logical_and(unknown.index_select(1, labels).logical_not());
        }

        var self = eye(labels.shape[0], dtype: ScalarType.Bool, device: labels.device);
        var positive = same.logical_and(self.logical_not());

        // A negative counts when it is nearer than the farthest positive less the margin; a positive when it is farther than the nearest negative plus it.
        var fixedSimilarities = similarities.detach();
        var farthestPositive = fixedSimilarities.masked_fill(positive.logical_not(), 2).amin([1], keepdim: true);
        var nearestNegative = fixedSimilarities.masked_fill(other.logical_not(), -2).amax([1], keepdim: true);
        var hardPositive = positive.logical_and(fixedSimilarities - mining < nearestNegative);
        var hardNegative = other.logical_and(fixedSimilarities + mining > farthestPositive);

        // Rows without a positive have no farthest one (2): no negative passes. log(1 + sum) as a logsumexp with a zero beside.
        var pull = Softplus(-alpha * (similarities - offset), hardPositive) / alpha;
        var push = Softplus(beta * (similarities - offset), hardNegative) / beta;
        return (pull + push).mean().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
    }

    private static Tensor Softplus(Tensor exponents, Tensor mask) =>
        cat([exponents.masked_fill(mask.logical_not(), double.NegativeInfinity), zeros_like(exponents[.., ..1])], 1).logsumexp(1);
}
