using System.Globalization;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Nights.Handover;

/// <summary>The steps from a model to the active one.</summary>
public sealed class HandoverSteps(
    Backfill backfill, ShadowIndex index, ModelTransitions transitions, ModelRetention retention, MatcherWait matcher, ModelDiffStore diffs,
    ModelListStore models, IOptions<NightOptions> options, ILogger<HandoverSteps> logger)
{
    /// <returns>How the run ends here, or null: go on.</returns>
    public async Task<RunEnd?> RunAsync(
        string step, TrainingRun run, ServingModel active, ServingModel model, RunProgress progress, CancellationToken cancellationToken)
    {
        void Report(double share, string? message) => progress.Report(step, share, message);
        switch (step)
        {
            case TrainingRunStep.ShadowEmbed:
                await backfill.LoadAsync(model, Report, cancellationToken);
                return null;
            case TrainingRunStep.Index:
                await index.BuildAsync(model, Report, cancellationToken);
                await BecomeShadowAsync(model, cancellationToken);
                await backfill.CatchUpAsync(model, Report, cancellationToken);
                return null;
            case TrainingRunStep.Join:
                await BecomeShadowAsync(model, cancellationToken);
                await matcher.GroupsAsync(model.ModelId, Report, cancellationToken);
                return null;
            case TrainingRunStep.Diff:
                return await CompareAsync(run, active, model, cancellationToken);
            case TrainingRunStep.Activate:
                await matcher.ActivationAsync(model.ModelId, Report, cancellationToken);
                return null;
            default:
                throw new ArgumentException($"There is no step '{step}' of a handover.", nameof(step));
        }
    }

    /// <summary>Drops what no model needs that is ready to serve.</summary>
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var dropped = await retention.DropUnusedAsync(options.Value.ModelsKept, cancellationToken);
        if (dropped.Heads.Count + dropped.Backbones.Count > 0)
        {
            Log.UnusedDropped(logger, dropped.Heads.Count, dropped.Backbones.Count);
        }
    }

    /// <summary>How a finished run ended, in a sentence.</summary>
    public async Task<string> DescribeAsync(TrainingRun run, CancellationToken cancellationToken)
    {
        var diff = await diffs.FindAsync(run.ModelId!.Value, cancellationToken);
        return diff is null || diff.FromModelId != run.BaseModelId
            ? $"model {run.ModelId} is active"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"model {run.ModelId} is active in place of {run.BaseModelId}: of {diff.Contents:N0} contents "
                + $"{diff.Merged:N0} gained companions, {diff.Split:N0} lost some, {diff.Moved:N0} did both");
    }

    // When the model is active, the run was resumed after its activation, and the model has been the shadow.
    private Task BecomeShadowAsync(ServingModel model, CancellationToken cancellationToken) =>
        model.State == ModelState.Active ? Task.CompletedTask : transitions.BecomeShadowAsync(model.ModelId, cancellationToken);

    private async Task<RunEnd?> CompareAsync(TrainingRun run, ServingModel active, ServingModel model, CancellationToken cancellationToken)
    {
        if (active.ModelId == model.ModelId)
        {
            return null;
        }

        // An earlier comparison of this run stays valid. When the limit refused the model, the groups it was computed from are gone.
        var diff = await diffs.FindOfRunAsync(run.RunId, cancellationToken);
        if (diff is null)
        {
            if (model.State != ModelState.Shadow)
            {
                return RunGuard.SteppedBack(model.ModelId);
            }

            var both = await diffs.ReadBothAsync(active.ModelId, model.ModelId, cancellationToken);
            (diff, var changed) = ModelDiff.Between(active.ModelId, model.ModelId, both);
            await diffs.WriteAsync(diff, changed, cancellationToken);
        }

        Log.Compared(logger, model.ModelId, active.ModelId, diff.Contents, diff.Churn);
        var activeKind = (await models.FindAsync(active.ModelId, cancellationToken))?.Kind ?? ModelKind.Initial;
        return ChurnLimit.Refusal(run.Kind, activeKind, diff.Churn, options.Value.MaxChurn) is { } reason ? RunEnd.Refused(reason) : null;
    }
}
