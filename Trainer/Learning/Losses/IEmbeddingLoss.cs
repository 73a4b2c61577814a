using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>A loss over a batch of embeddings. Inputs are normalised inside, so their length does not matter.</summary>
public interface IEmbeddingLoss : IDisposable
{
    /// <summary>The learnt class centres (proxies), <c>[C,D]</c>, on the embeddings' device; null for a loss over pairs.</summary>
    Parameter? Centres { get; }

    /// <summary>One scalar for the whole batch; accumulate no gradients over parts of a batch.</summary>
    /// <param name="embeddings"><c>[B,D]</c> float32 or float64, any length.</param>
    /// <param name="labels"><c>[B]</c> int64, class indices 0..C-1.</param>
    /// <param name="unknown">
    /// <c>[B,C]</c> bool: true where it is unknown whether a picture shows a class (keys of two sources, say). Such a pair is neither
    /// positive nor negative: it adds nothing to the loss and has no gradient. Never true at the own class. Null: all is known.
    /// </param>
    Tensor Forward(Tensor embeddings, Tensor labels, Tensor? unknown = null);
}
