using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Trainer.Losses;

/// <summary>Normalised softmax (Zhai and Wu, Classification is a Strong Baseline for Deep Metric Learning, BMVC 2019): cross entropy over cosines / T.</summary>
internal sealed class NormalisedSoftmaxLoss : IEmbeddingLoss
{
    private readonly double _temperature;
    private readonly Parameter _centres;

    /// <param name="temperature">T; the paper's is 0.05.</param>
    /// <param name="centres">Start of the class centres <c>[C,D]</c>; copied.</param>
    public NormalisedSoftmaxLoss(double temperature, Tensor centres)
    {
        _temperature = temperature;
        _centres = ClassCentres.Start(centres);
    }

    public Parameter? Centres => _centres;

    /// <inheritdoc/>
    public Tensor Forward(Tensor embeddings, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var cosines = UnitRows.Of(embeddings).mm(UnitRows.Of(_centres).t());
        return nn.functional.cross_entropy(cosines / _temperature, labels).MoveToOuterDisposeScope();
    }

    public void Dispose() => _centres.Dispose();
}
