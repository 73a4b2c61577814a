using System.Globalization;

namespace CpfPipeline.Nights.Gate;

/// <summary>Whether a candidate may replace the active model.</summary>
/// <remarks>
/// <para><b>F1.</b> The test classes are drawn with replacement 1,000 times and both models measured on each draw. The candidate is refused
/// when its F1 is below the active model's by more than the margin in more than half of the draws: when it is more likely than not too bad.
/// A better one passes however few the classes are, and one that is worse by twice the margin or more hardly ever does. Not asked for a new
/// threshold alone with a target precision, which costs F1 on purpose.</para>
/// <para><b>Chance.</b> A candidate whose F1 interval reaches down to the F1 of calling every pair one product is refused whatever the
/// active model does: with wrong labels both are equally bad, and a model must not be replaced by one whose quality is unknown.</para>
/// <para><b>Unlike pictures.</b> A candidate that calls many more pairs of pictures unlike those it learned from one product than the
/// active model does is refused: the test classes are of the kind that it learned, and do not show it.</para>
/// <para><b>Precision</b>, when one is asked for: refused when no threshold reaches it with confidence on the validation classes, or when
/// on the test classes it is missed by more than the margin.</para>
/// </remarks>
internal static class CandidateGate
{
    private const double LargestShare = .5;

    public static GateDecision Decide(GateInput input)
    {
        var (candidate, active) = (input.Candidate, input.Active);
        if (input.TargetPrecision is { } target)
        {
            if (!input.Reached)
            {
                return new GateDecision(false, string.Create(
                    CultureInfo.InvariantCulture,
                    $"No threshold reaches precision {target} with 95 % confidence on the validation classes; the nearest gives "
                    + $"{candidate.Precision:0.0000} on the test classes."));
            }

            if (candidate.Precision < target - input.Margin)
            {
                return new GateDecision(false, string.Create(
                    CultureInfo.InvariantCulture,
                    $"Precision on the test classes is {candidate.Precision:0.0000}, below the target {target} by more than the margin "
                    + $"{input.Margin}."));
            }
        }

        if (candidate.F1Interval[0] <= input.ChanceF1)
        {
            return new GateDecision(false, string.Create(
                CultureInfo.InvariantCulture,
                $"F1 on the test classes is {candidate.F1:0.0000}, 95 % interval from {candidate.F1Interval[0]:0.0000}: not to be told "
                + $"from calling every pair one product ({input.ChanceF1:0.0000}). Too few test classes, or wrong labels."));
        }

        if (input.Unlike.FirstOrDefault(u => u.IsTooAlike) is { } unlike)
        {
            return new GateDecision(false, string.Create(
                CultureInfo.InvariantCulture,
                $"It finds pictures alike that are unlike those it learned from: of the pairs of {unlike.Count} {unlike.Of} "
                + $"{unlike.Candidate:0.0 %} reach its threshold, under the active model {unlike.Active:0.0 %}."));
        }

        var difference = input.Difference;
        if ((input.HeadIsNew || input.TargetPrecision is null) && difference.ShareBelow > LargestShare)
        {
            return new GateDecision(false, string.Create(
                CultureInfo.InvariantCulture,
                $"F1 on the test classes is {candidate.F1:0.0000}, the active model's {active.F1:0.0000}: difference "
                + $"{difference.Difference:+0.0000;-0.0000;0}, 95 % interval {difference.Low:+0.0000;-0.0000;0} to "
                + $"{difference.High:+0.0000;-0.0000;0}; in {difference.ShareBelow:0.0 %} of the draws of classes it is worse by more than "
                + $"the margin {input.Margin}."));
        }

        return new GateDecision(true, input.TargetPrecision is { } wanted
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Precision on the test classes is {candidate.Precision:0.0000} (target {wanted}, the active model's "
                + $"{active.Precision:0.0000}); recall {candidate.Recall:0.0000} (the active model's {active.Recall:0.0000}, "
                + $"{candidate.Recall - active.Recall:+0.0000;-0.0000;0}).")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"F1 on the test classes is {candidate.F1:0.0000}, the active model's {active.F1:0.0000}: difference "
                + $"{difference.Difference:+0.0000;-0.0000;0}, 95 % interval {difference.Low:+0.0000;-0.0000;0} to "
                + $"{difference.High:+0.0000;-0.0000;0}."));
    }
}
