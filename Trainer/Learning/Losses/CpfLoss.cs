using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>
/// Consistent Penalizing Field loss (Liu et al., Expert Systems with Applications 236 (2024) 121287), the quotient <c>(P+N)/(T+P+N)</c>.
/// </summary>
/// <remarks>
/// With c = cosine(embedding, class centre) <c>[B,C]</c>, Y one-hot, Ys = (1-eps) Y + eps/C and sg = stop-gradient:
/// <code>
/// T = sum 2 Y max(c,0) + b
/// P = sum Ys (1-c) sg[exp(sp (1-c))]
/// N = sum over c > tau_f of (1-Ys)(c-psi) sg[exp(sn (c-mu))]
/// </code>
/// Every picture is pulled to its centre and pushed from others by the same field, whatever its class: that is what lets one threshold
/// serve all classes. With eps = 0 the positives' part of P is gathered, so only <c>[B,C]</c> values of N are ever made.
/// </remarks>
/// <param name="parameters">See there.</param>
/// <param name="centres">Start of the class centres <c>[C,D]</c>; copied.</param>
internal sealed class CpfLoss(CpfParameters parameters, Tensor centres) : CentreLoss(centres)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor embeddings, Tensor labels, Tensor? unknown = null)
    {
        using var scope = NewDisposeScope();
        var p = parameters;
        var cosines = Cosines(embeddings);
        var classes = cosines.shape[1];
        var own = labels.unsqueeze(1);
        var positive = cosines.gather(1, own).squeeze(1);
        var t = (2 * positive.clamp(min: 0)).sum() + p.Offset;

        // (1-Ys) is 1 - eps/C everywhere but at the own class, where it is eps (C-1)/C; likewise Ys.
        var smooth = p.LabelSmoothing / classes;
        var pull = Pull(positive, 1 - p.LabelSmoothing).sum();
        var beyond = cosines > p.FieldThreshold;
        if (unknown is not null)
        {
            beyond = beyond.logical_and(unknown.logical_not());
        }

        var push = Push(cosines);

        // The own class is left out before summing: taken off afterwards, its large terms would leave float32's rounding behind where N is
        // small.
        var others = beyond.scatter(1, own, zeros_like(own, ScalarType.Bool));
        var n = (push * others).sum() * (1 - smooth);
        if (p.LabelSmoothing > 0)
        {
            n += (push * beyond).gather(1, own).sum() * (p.LabelSmoothing - smooth);
            var all = Pull(cosines, smooth);
            pull += (unknown is null ? all : all.masked_fill(unknown, 0)).sum();
        }

        // The same as (P+N)/(T+P+N), whose gradient would be a difference of nearly equal numbers where a steep pull makes P far larger
        // than T.
        return (1 - (1 / (1 + ((pull + n) / t)))).MoveToOuterDisposeScope();
    }

    private Tensor Pull(Tensor cosines, double weight) =>
        (1 - cosines) * (parameters.PositiveScale * (1 - cosines.detach())).exp_() * weight;

    private Tensor Push(Tensor cosines) =>
        (cosines - parameters.Psi) * (parameters.NegativeScale * (cosines.detach() - parameters.Mu)).exp_();
}
