using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>
/// ArcFace (Deng et al., CVPR 2019, equation 3): cross entropy over s cos(theta), with the angle to the own centre enlarged by m. Where theta + m
/// would pass pi the cosine goes on falling linearly (cos theta - m sin m), as in the authors' code.
/// </summary>
/// <param name="scale">s; 64 in the paper, 16 suits few classes.</param>
/// <param name="margin">m in radians; 0.5 in the paper.</param>
/// <param name="centres">Start of the class centres <c>[C,D]</c>; copied.</param>
internal sealed class ArcFaceLoss(double scale, double margin, Tensor centres) : CentreLoss(centres)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor embeddings, Tensor labels, Tensor? unknown = null)
    {
        using var scope = NewDisposeScope();
        var cosines = Cosines(embeddings);
        var own = labels.unsqueeze(1);
        var positive = cosines.gather(1, own);

        // The square root has no gradient at 1.
        var sine = (1 - positive.square()).clamp(min: 1e-7).sqrt();
        var enlarged = (positive * Math.Cos(margin)) - (sine * Math.Sin(margin));
        var target = where(positive > -Math.Cos(margin), enlarged, positive - (margin * Math.Sin(margin)));
        var logits = Known(cosines.scatter(1, own, target) * scale, unknown);
        return nn.functional.cross_entropy(logits, labels).MoveToOuterDisposeScope();
    }
}
