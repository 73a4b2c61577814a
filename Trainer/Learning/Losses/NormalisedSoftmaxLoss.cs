using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>Normalised softmax (Zhai and Wu, Classification is a Strong Baseline for Deep Metric Learning, BMVC 2019): cross entropy over cosines / T.</summary>
/// <param name="temperature">T; the paper's is 0.05.</param>
/// <param name="centres">Start of the class centres <c>[C,D]</c>; copied.</param>
internal sealed class NormalisedSoftmaxLoss(double temperature, Tensor centres) : CentreLoss(centres)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor embeddings, Tensor labels, Tensor? unknown = null)
    {
        using var scope = NewDisposeScope();
        var cosines = Cosines(embeddings);
        return nn.functional.cross_entropy(Known(cosines / temperature, unknown), labels).MoveToOuterDisposeScope();
    }
}
