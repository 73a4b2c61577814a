using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Nights.Driver;

/// <summary>The steps up to the gate: has a candidate built, keeps what was measured, and registers it as a model once.</summary>
public sealed class CandidateRegistration(
    ICandidateBuilder builder, ModelTransitions transitions, IBlobStore blobs, IOptions<NightOptions> options,
    ILogger<CandidateRegistration> logger)
{
    /// <returns>How the run ends here, or null: go on with its model.</returns>
    public async Task<RunEnd?> RunAsync(
        TrainingRunLease lease, TrainingRun run, ServingModel active, RunProgress progress, CancellationToken cancellationToken)
    {
        if (await lease.FindCandidateAsync(run.RunId, cancellationToken) is not { } kept)
        {
            switch (await builder.BuildAsync(RequestOf(run, active), progress.Report, cancellationToken))
            {
                case CandidateOutcome.TooLittleData none:
                    await lease.KeepFactsAsync(run.RunId, none.Facts, cancellationToken);
                    return RunEnd.TooLittleData(none.Reason);
                case CandidateOutcome.Made made:
                    await blobs.WriteAsync(made.HeadSha256, made.Head, cancellationToken);
                    kept = KeptCandidate.Of(made);
                    await lease.KeepCandidateAsync(
                        run.RunId, made.Facts, kept, kept.Into(made.ReportJson, run.RunId), made.ReportHtml, cancellationToken);
                    break;
                default:
                    throw new InvalidOperationException("A candidate is built, or there is too little data.");
            }
        }

        var modelId = await lease.FindModelOfAsync(run.RunId, cancellationToken)
            ?? await RegisterAsync(run, active, kept, await lease.ReadReportAsync(run.RunId, cancellationToken), cancellationToken);
        await lease.SetModelAsync(run.RunId, modelId, cancellationToken);
        return kept.Passed ? null : RunEnd.Refused(kept.Reason);
    }

    private async Task<long> RegisterAsync(
        TrainingRun run, ServingModel active, KeptCandidate kept, string report, CancellationToken cancellationToken)
    {
        var modelId = run.Kind == TrainingRunKind.Threshold
            ? await transitions.RegisterThresholdAsync(active.ModelId, kept.Threshold, report, run.RunId, cancellationToken)
            : await transitions.RegisterHeadAsync(
                active.ModelId, kept.HeadSha256, kept.EmbeddingDim, kept.Threshold, report, run.RunId, cancellationToken);
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
        CopyPrecision = options.Value.CopyPrecision,
        Epochs = options.Value.Epochs > 0 ? options.Value.Epochs : null,
    };
}
