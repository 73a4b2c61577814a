using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outages;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Handover;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Nights.Driver;

/// <summary>Ends runs: steps a model back that did not become active, clears up, records the outcome and announces it.</summary>
public sealed class RunEnding(
    ModelStore models, ModelTransitions transitions, HandoverSteps handover, DispatchOutbox dispatch, RunMetrics metrics,
    IOptions<NightOptions> options, ILogger<RunEnding> logger)
{
    /// <summary>Ends a run. When it throws, the run goes on and can be ended again.</summary>
    public async Task EndAsync(TrainingRunLease lease, TrainingRun run, RunEnd end, CancellationToken cancellationToken)
    {
        var modelId = (await lease.BeginAsync(cancellationToken))?.ModelId ?? await lease.FindModelOfAsync(run.RunId, cancellationToken);
        if (end.State != TrainingRunState.Finished && modelId is { } id)
        {
            await transitions.StepBackAsync(id, cancellationToken);
            if (end.State == TrainingRunState.Cancelled && (await models.FindAsync(id, cancellationToken))?.State == ModelState.Active)
            {
                end = RunEnd.Finished($"model {id} is active: the request to cancel came too late");
            }
        }

        // Before the end is recorded: what is left behind now would stay until the next run.
        if (modelId is not null)
        {
            await handover.TidyAsync(cancellationToken);
        }

        options.Value.RemoveWorkFolder(run.RunId);
        await WriteAsync(lease, run, end, cancellationToken);
    }

    /// <summary>
    /// Ends a run as failed after repeated bugs. When the ending itself fails, the run ends without clearing up.
    /// </summary>
    public async Task GiveUpAsync(TrainingRunLease lease, TrainingRun run, int tries, Exception bug, CancellationToken cancellationToken)
    {
        Log.RunGivenUp(logger, run.RunId, tries, bug.Message);
        var end = RunEnd.Failed($"given up after {tries} tries. The last one met {bug.GetType().Name}: {bug.Message}");
        try
        {
            await EndAsync(lease, run, end, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && !Outage.IsOne(e))
        {
            Log.RunNotClearedUp(logger, run.RunId, run.ModelId, e.Message);
            await WriteAsync(lease, run, end, cancellationToken);
        }
    }

    private async Task WriteAsync(TrainingRunLease lease, TrainingRun run, RunEnd end, CancellationToken cancellationToken)
    {
        var outbox = await lease.EndAsync(run.RunId, end.State, end.Message, RunMessages.Ended, cancellationToken);
        Log.RunEnded(logger, run.RunId, run.Kind, end.State, end.Message);
        metrics.Ended(run.Kind, end.State);
        await dispatch(outbox, cancellationToken);
    }
}
