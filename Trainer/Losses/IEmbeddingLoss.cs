using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Trainer.Losses;

/// <summary>A loss over a batch of embeddings. Inputs are normalised inside, so their length does not matter.</summary>
internal interface IEmbeddingLoss : IDisposable
{
    /// <summary>The learnt class centres (proxies), <c>[C,D]</c>, on the embeddings' device; null for a loss over pairs.</summary>
    Parameter? Centres { get; }

    /// <summary>One scalar for the whole batch; accumulate no gradients over parts of a batch.</summary>
    /// <param name="embeddings"><c>[B,D]</c> float32 or float64, any length.</param>
    /// <param name="labels"><c>[B]</c> int64, class indices 0..C-1.</param>
    Tensor Forward(Tensor embeddings, Tensor labels);
}
