using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>A loss over cosines to learnt class centres.</summary>
internal abstract class CentreLoss : IEmbeddingLoss
{
    /// <param name="centres">Start of the class centres <c>[C,D]</c>; copied.</param>
    protected CentreLoss(Tensor centres)
    {
        Centres = new Parameter(centres.detach().clone());

        // It outlives the dispose scope it is made in.
        Centres.DetachFromDisposeScope();
    }

    /// <inheritdoc cref="IEmbeddingLoss.Centres"/>
    public Parameter Centres { get; }

    Parameter? IEmbeddingLoss.Centres => Centres;

    /// <inheritdoc/>
    public abstract Tensor Forward(Tensor embeddings, Tensor labels, Tensor? unknown = null);

    public void Dispose() => Centres.Dispose();

    /// <summary>Logits with those of unknown classes out of the sum: exp(-inf) is 0, and so is its gradient.</summary>
    protected static Tensor Known(Tensor logits, Tensor? unknown) => unknown is null ? logits : logits.masked_fill(unknown, double.NegativeInfinity);

    /// <summary>c, <c>[B,C]</c>.</summary>
    protected Tensor Cosines(Tensor embeddings) => UnitRows.Of(embeddings).mm(UnitRows.Of(Centres).t());
}
