using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Nights.Drift;
using CpfPipeline.Nights.TrainingSets;

namespace CpfPipeline.Nights.Candidates;

/// <summary>Candidate and active model on the same contents of the test classes.</summary>
/// <param name="Candidate">At its threshold.</param>
/// <param name="Active">At its threshold; where a precision is asked for of a new head, at the one that the active head would have for it.</param>
/// <param name="Difference">Of F1, with the share of draws below minus the margin.</param>
/// <param name="ChanceF1">F1 of calling every pair one product.</param>
/// <param name="Neighbours">Similarities under the candidate of contents it was not fitted to.</param>
internal sealed record CandidateMeasurement(EvaluationResult Candidate, EvaluationResult Active, PairedDifference Difference, double ChanceF1, NeighbourHistogram Neighbours)
{
    /// <param name="request">Active model, seed, margin.</param>
    /// <param name="data">The training set with the active head's embeddings.</param>
    /// <param name="fitted">The candidate.</param>
    /// <param name="activeThreshold">The active model's threshold, or the one it would have.</param>
    /// <param name="report">Receives the share that is done and a line for a person.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <exception cref="TooLittleDataException">No test class has a usable pair.</exception>
    public static CandidateMeasurement Of(
        CandidateRequest request, TrainingData data, FittedCandidate fitted, double activeThreshold, Action<double, string> report, CancellationToken cancellationToken)
    {
        var compared = ComparedContents.ForTest(data.Set, row => fitted.IsUsable[row]);
        var candidateSet = compared.Under(fitted.Vectors);
        if (candidateSet.PositivePairs == 0)
        {
            throw new Learning.LabelledSets.TooLittleDataException("No test class has two contents with an embedding.");
        }

        var candidate = Measure(candidateSet, fitted.Calibration.Threshold, 0, "candidate");
        var active = Measure(compared.Under(data.Embeddings), activeThreshold, .45, "active model");
        report(.9, "comparing");
        var difference = ClassBootstrap.F1Difference(
            candidate.Pairs, active.Pairs, request.Seed, margin: request.Margin, cancellationToken: cancellationToken);
        var chance = 2.0 * candidateSet.PositivePairs / (candidateSet.AllPairs + candidateSet.PositivePairs);
        return new CandidateMeasurement(candidate, active, difference, chance, FittedNeighbours.Measure(data.Set, fitted, cancellationToken));

        EvaluationResult Measure(EvaluationSet set, double threshold, double done, string name) => ModelEvaluation.Measure(
            set, threshold, compared.Labels, request.Seed, new Steps((step, share) => report(done + (.1 * share), $"{name}: {step}")), cancellationToken);
    }

    private sealed class Steps(Action<string, double> report) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => report(value.Step, value.Share);
    }
}
