using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Trainer.Losses;

/// <summary>
/// ArcFace (Deng et al., CVPR 2019, equation 3): cross entropy over s cos(theta), with the angle to the own centre enlarged by m. Where theta + m
/// would pass pi the cosine goes on falling linearly (cos theta - m sin m), as in the authors' code.
/// </summary>
internal sealed class ArcFaceLoss : IEmbeddingLoss
{
    private readonly double _scale;
    private readonly double _margin;
    private readonly Parameter _centres;

    /// <param name="scale">s; 64 in the paper, 16 suits few classes.</param>
    /// <param name="margin">m in radians; 0.5 in the paper.</param>
    /// <param name="centres">Start of the class centres <c>[C,D]</c>; copied.</param>
    public ArcFaceLoss(double scale, double margin, Tensor centres)
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
        var own = labels.unsqueeze(1);
        var positive = cosines.gather(1, own);

        // The square root has no gradient at 1.
        var sine = (1 - positive.square()).clamp(min: 1e-7).sqrt();
        var enlarged = (positive * Math.Cos(_margin)) - (sine * Math.Sin(_margin));
        var target = where(positive > -Math.Cos(_margin), enlarged, positive - (_margin * Math.Sin(_margin)));
        var logits = cosines.scatter(1, own, target) * _scale;
        return nn.functional.cross_entropy(logits, labels).MoveToOuterDisposeScope();
    }

    public void Dispose() => _centres.Dispose();
}
