using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.Runs;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Nights.Driver;

/// <summary>The steps up to the gate: has a candidate made, keeps what was measured, and registers it once.</summary>
public sealed class CandidateMaking(MakeCandidate make, ModelTransitions transitions, IBlobStore blobs, IOptions<NightOptions> options, ILogger<CandidateMaking> logger)
{
    /// <returns>How the run ends here, or null: go on with its model.</returns>
    public async Task<RunEnd?> RunAsync(TrainingRunLease lease, TrainingRun run, ServingModel active, RunProgress progress, CancellationToken cancellationToken)
    {
        var report = await lease.ReadReportAsync(run.RunId, cancellationToken);
        if (KeptCandidate.From(report) is not { } kept)
        {
            switch (await make(RequestOf(run, active), progress.Report, cancellationToken))
            {
                case CandidateOutcome.TooLittleData none:
                    await lease.KeepReportAsync(run.RunId, none.Facts.SnapshotId, none.Facts.CountsJson, null, null, cancellationToken);
                    return RunEnd.TooLittleData(none.Reason);
                case CandidateOutcome.Made made:
                    await blobs.WriteAsync(made.HeadSha256, made.Head, cancellationToken);
                    kept = KeptCandidate.Of(made);
                    report = kept.Into(made.ReportJson, run.RunId);
                    await lease.KeepReportAsync(run.RunId, made.Facts.SnapshotId, made.Facts.CountsJson, report, made.ReportHtml, cancellationToken);
                    break;
                default:
                    throw new InvalidOperationException("A candidate is made, or there is too little data.");
            }
        }

        var modelId = await lease.FindModelOfAsync(run.RunId, cancellationToken) ?? await RegisterAsync(run, active, kept, report!, cancellationToken);
        await lease.SetModelAsync(run.RunId, modelId, cancellationToken);
        return kept.Passed ? null : RunEnd.Refused(kept.Reason);
    }

    private async Task<long> RegisterAsync(TrainingRun run, ServingModel active, KeptCandidate kept, string report, CancellationToken cancellationToken)
    {
        var modelId = run.Kind == TrainingRunKind.Threshold
            ? await transitions.RegisterThresholdAsync(active.ModelId, kept.Threshold, report, cancellationToken)
            : await transitions.RegisterHeadAsync(
                active.ModelId, Convert.FromHexString(kept.HeadSha256), kept.EmbeddingDim, kept.Threshold, report, cancellationToken);
        Log.CandidateRegistered(logger, run.RunId, modelId, kept.Threshold, kept.Passed);
        return modelId;
    }

    private CandidateRequest RequestOf(TrainingRun run, ServingModel active) => new()
    {
        Active = active,
        Kind = run.Kind,
        TargetPrecision = RunOrder.TargetPrecisionOf(run),
        WorkFolder = options.Value.WorkFolderOf(run.RunId),
        Margin = options.Value.GateMargin,
        Epochs = options.Value.Epochs > 0 ? options.Value.Epochs : null,
    };
}
