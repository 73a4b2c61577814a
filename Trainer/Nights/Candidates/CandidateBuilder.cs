using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Nights.Gate;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Nights.Candidates;

/// <summary>From the database to a candidate and a decision about it.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="blobs">Model files.</param>
/// <param name="openDecoders">Opens what decodes pictures of the catalogue, when copies of them are made.</param>
/// <param name="time">Clock.</param>
public sealed class CandidateBuilder(
    NpgsqlDataSource dataSource, IBlobStore blobs, Func<DecoderPool> openDecoders, TimeProvider time) : ICandidateBuilder
{
    /// <inheritdoc/>
    public async Task<CandidateOutcome> BuildAsync(
        CandidateRequest request, Action<string, double, string> report, CancellationToken cancellationToken)
    {
        var (trains, start, missing) = (IsTraining(request), time.GetTimestamp(), (string?)null);
        report(TrainingRunStep.BuildingSet, 0, "reading product keys and verdicts");
        var data = await new TrainingSetReader(dataSource).ReadAsync(
            request.Active, trains, new TrainingSetPin(request.WorkFolder, request.Active, time),
            set => (missing = DataNeeds.Missing(set, trains)) is null,
            share => report(TrainingRunStep.BuildingSet, share, trains ? "reading features" : "reading embeddings"), cancellationToken);
        var facts = TrainingSetFacts.Of(data.Set, request.Active.BackboneSha256);
        if (missing is not null)
        {
            var (copies, lacking) = await new CopySetReader(dataSource, blobs, openDecoders).ReadAsync(
                request.Active, trains, request.Seed,
                share => report(TrainingRunStep.BuildingSet, share, "too few product keys: making edited copies of the pictures"),
                cancellationToken);
            if (copies is null)
            {
                return new CandidateOutcome.TooLittleData(facts, $"{missing} {lacking}");
            }

            (data, facts) = (copies, TrainingSetFacts.Of(copies.Set, request.Active.BackboneSha256));
            request = request with { TargetPrecision = request.TargetPrecision ?? request.CopyPrecision };
        }

        var active = HeadFile.Load(await blobs.ReadAsync(request.Active.HeadSha256, cancellationToken), "the active head");
        var backbone = BackboneFile.Load(await blobs.ReadAsync(request.Active.BackboneSha256, cancellationToken), "the active backbone");
        var unlike = new UnlikeMeasurement(backbone, active);
        var startHead = trains ? await ReadStartAsync(request.Active, cancellationToken) : null;

        // This computes for minutes, so it must not hold a thread of the pool.
        return await Task.Factory.StartNew(
            () => Build(request, data, facts, trains ? null : active, startHead, unlike, start, report, cancellationToken),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private CandidateOutcome Build(
        CandidateRequest request, TrainingData data, TrainingSetFacts facts, HeadFile? head, StartHead? startHead,
        UnlikeMeasurement unlike, long start, Action<string, double, string> report, CancellationToken cancellationToken)
    {
        try
        {
            var target = request.TargetPrecision is { } precision ? CalibrationTarget.AtLeast(precision) : CalibrationTarget.MaxF1;
            Begin(TrainingRunStep.Training, head is null ? "fitting heads" : "the active head stays");
            var trained = head is null
                ? new CandidateTraining(time)
                    .Run(
                        request, data.Set, data.Features!, startHead!, (share, line) => report(TrainingRunStep.Training, share, line),
                        cancellationToken)
                : null;

            Begin(TrainingRunStep.Calibrating, "choosing the threshold");
            var fitted = trained ?? new FittedCandidate(
                head!, data.Embeddings, [.. Enumerable.Repeat(true, data.Set.Count)],
                ThresholdFit.Choose(data.Set, data.Embeddings, target, request.Seed, cancellationToken), null, null, null,
                IsGuarded: false);

            // Both heads are compared at the same target precision: only then does the difference come from the head.
            var activeThreshold = trained is null || request.TargetPrecision is null
                ? request.Active.Threshold
                : ThresholdFit.Choose(data.Set, data.Embeddings, target, request.Seed, cancellationToken).Threshold;

            Begin(TrainingRunStep.Evaluating, "measuring on the test classes");
            var measured = CandidateMeasurement.Of(
                request, data, fitted, activeThreshold, (share, line) => report(TrainingRunStep.Evaluating, share, line),
                cancellationToken);
            var others = unlike.Of(data, fitted, request.Active.Threshold, request.Seed, cancellationToken);

            Begin(TrainingRunStep.Gate, "deciding");
            var gate = CandidateGate.Decide(new GateInput
            {
                Candidate = measured.Candidate.Figures,
                Active = measured.Active.Figures,
                Difference = measured.Difference,
                ChanceF1 = measured.ChanceF1,
                Unlike = others,
                Margin = request.Margin,
                TargetPrecision = request.TargetPrecision,
                Reached = fitted.Calibration.Reached,
                HeadIsNew = trained is not null,
            });
            var written = new CandidateReport
            {
                Request = request, Facts = facts, Fitted = fitted, Measured = measured, Unlike = others, Gate = gate,
                Duration = time.GetElapsedTime(start),
            };
            return new CandidateOutcome.Made(
                facts, fitted.Head.Bytes.ToArray(), fitted.Head.Sha256.ToArray(), fitted.Head.Spec.EmbeddingDim,
                fitted.Calibration.Threshold, written.Json(),
                written.Html(cancellationToken), gate.Passed, gate.Reason);
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

    private async Task<StartHead> ReadStartAsync(ServingModel active, CancellationToken cancellationToken)
    {
        var first = await new ModelStore(dataSource).FindFirstOnAsync(active.BackboneId, cancellationToken) ?? active;
        return new StartHead(
            HeadFile.Load(await blobs.ReadAsync(first.HeadSha256, cancellationToken), "the first model's head"), first.Threshold);
    }

    private static bool IsTraining(CandidateRequest request) => request.Kind switch
    {
        TrainingRunKind.Training => true,
        TrainingRunKind.Threshold => false,
        _ => throw new ArgumentException($"There is no kind {request.Kind}: training or threshold.", nameof(request)),
    };
}
