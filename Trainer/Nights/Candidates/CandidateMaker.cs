using CpfPipeline.Data.Blobs;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Nights.Gate;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Vision.Models;
using Npgsql;

namespace CpfPipeline.Nights.Candidates;

/// <summary>From the database to a candidate and a decision about it.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="blobs">Model files.</param>
/// <param name="time">Clock.</param>
public sealed class CandidateMaker(NpgsqlDataSource dataSource, IBlobStore blobs, TimeProvider time)
{
    /// <param name="request">What is asked for.</param>
    /// <param name="report">
    /// Receives the step (building_set, training, calibrating, evaluating, gate, in this order), the share of it that is done, and a line for a person;
    /// from any thread, thousands of times.
    /// </param>
    /// <param name="cancellationToken">Stops within a second or so; what was trained is kept in the work folder.</param>
    /// <exception cref="IOException">The work folder cannot be used.</exception>
    /// <exception cref="LossIsNotFiniteException">The training came to nothing.</exception>
    public async Task<CandidateOutcome> MakeAsync(CandidateRequest request, Action<string, double, string> report, CancellationToken cancellationToken)
    {
        var (trains, start, missing) = (IsTraining(request), time.GetTimestamp(), (string?)null);
        report(CandidateStep.BuildingSet, 0, "reading product keys and verdicts");
        var data = await new TrainingSetReader(dataSource).ReadAsync(
            request.Active, trains, new TrainingSetPin(request.WorkFolder, request.Active, time), set => (missing = DataNeeds.Missing(set, trains)) is null,
            share => report(CandidateStep.BuildingSet, share, trains ? "reading features" : "reading embeddings"), cancellationToken);
        var facts = TrainingSetFacts.Of(data.Set, request.Active.BackboneSha256);
        if (missing is not null)
        {
            return new CandidateOutcome.TooLittleData(facts, missing);
        }

        var head = trains ? null : HeadFile.Load(await blobs.ReadAsync(request.Active.HeadSha256, cancellationToken), "the active head");

        // Minutes of computing: not on a thread of the pool.
        return await Task.Factory.StartNew(
            () => Make(request, data, facts, head, start, report, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private CandidateOutcome Make(
        CandidateRequest request, TrainingData data, TrainingSetFacts facts, HeadFile? head, long start, Action<string, double, string> report,
        CancellationToken cancellationToken)
    {
        try
        {
            var target = request.TargetPrecision is { } precision ? CalibrationTarget.AtLeast(precision) : CalibrationTarget.MaxF1;
            Begin(CandidateStep.Training, head is null ? "fitting heads" : "the active head stays");
            var trained = head is null
                ? new CandidateTraining(time).Run(request, data.Set, data.Features!, (share, line) => report(CandidateStep.Training, share, line), cancellationToken)
                : null;

            Begin(CandidateStep.Calibrating, "choosing the threshold");
            var fitted = trained ?? new FittedCandidate(
                head!, data.Embeddings, [.. Enumerable.Repeat(true, data.Set.Count)],
                ThresholdFit.Choose(data.Set, data.Embeddings, target, request.Seed, cancellationToken), null, null, null);

            // What a new head costs or gains is seen where both are meant for the same precision.
            var activeThreshold = trained is null || request.TargetPrecision is null
                ? request.Active.Threshold
                : ThresholdFit.Choose(data.Set, data.Embeddings, target, request.Seed, cancellationToken).Threshold;

            Begin(CandidateStep.Evaluating, "measuring on the test classes");
            var measured = CandidateMeasurement.Of(
                request, data, fitted, activeThreshold, (share, line) => report(CandidateStep.Evaluating, share, line), cancellationToken);

            Begin(CandidateStep.Gate, "deciding");
            var gate = CandidateGate.Decide(new GateInput
            {
                Candidate = measured.Candidate.Figures,
                Active = measured.Active.Figures,
                Difference = measured.Difference,
                ChanceF1 = measured.ChanceF1,
                Margin = request.Margin,
                TargetPrecision = request.TargetPrecision,
                Reached = fitted.Calibration.Reached,
                HeadIsNew = trained is not null,
            });
            var written = new CandidateReport
            {
                Request = request, Facts = facts, Fitted = fitted, Measured = measured, Gate = gate, Duration = time.GetElapsedTime(start),
            };
            return new CandidateOutcome.Made(
                facts, fitted.Head.Bytes.ToArray(), fitted.Head.Sha256.ToArray(), fitted.Head.Spec.EmbeddingDim, fitted.Calibration.Threshold, written.Json(),
                written.Html(time, cancellationToken), gate.Passed, gate.Reason);
        }
        catch (TooLittleDataException e)
        {
            return new CandidateOutcome.TooLittleData(facts, e.Message);
        }

        void Begin(string step, string line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            report(step, 0, line);
        }
    }

    private static bool IsTraining(CandidateRequest request) => request.Kind switch
    {
        CandidateRequest.Training => true,
        CandidateRequest.Threshold => false,
        _ => throw new ArgumentException($"There is no kind {request.Kind}: training or threshold.", nameof(request)),
    };
}
