using System.Globalization;
using CpfPipeline.Data;
using CpfPipeline.Trainer.Runs;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Service;

/// <summary>
/// Brings a model on another backbone in as a night brings one on another head: a candidate, and a run that embeds everything under it, groups it and switches. Nobody is
/// without groups meanwhile.
/// </summary>
internal sealed class BackboneHandover(
    ModelStore models, ModelTransitions transitions, TrainingRunStore runs, RunDesk desk, IBlobStore blobs, ModelPreparation prepare, IOptions<TrainerOptions> options,
    ILogger<BackboneHandover> logger)
{
    private const string Trigger = "start";
    private const int HashDigits = 16;

    /// <summary>
    /// Asks for the run once for each pair of active model and backbone: who cancels it, or goes back from its model, does not want it again at the next start. A run that
    /// failed is tried again.
    /// </summary>
    /// <param name="active">The active model.</param>
    /// <param name="path">The backbone.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether that is settled; false: another run is going on, ask again later.</returns>
    public async Task<bool> AskAsync(ServingModel active, string path, byte[] sha256, CancellationToken cancellationToken)
    {
        if (await FreeKeyAsync(active, sha256, cancellationToken) is not { } key)
        {
            return true;
        }

        if (await runs.FindUnfinishedAsync(cancellationToken) is not null)
        {
            return false;
        }

        Log.Preparing(logger, path);
        var prepared = prepare(path, options.Value.CalibrationFolder, cancellationToken);
        await prepared.WriteAsync(blobs, cancellationToken);
        var modelId = await models.RegisterCandidateAsync(prepared.ToNewModel(), active.ModelId, cancellationToken);
        switch (await desk.AskAsync(new RunOrder(TrainingRunKind.Activation, ModelId: modelId), Trigger, key, cancellationToken))
        {
            case RunAsked.Started started:
                Log.BackboneRun(logger, started.Run.RunId, modelId, prepared.Threshold, active.ModelId);
                return true;
            case RunAsked.Known: // Another Trainer asked first.
                return true;
            default:
                // Another run, or another Trainer's, came between: what nobody hands over to must not look as if somebody did.
                await transitions.StepBackAsync(modelId, cancellationToken);
                return false;
        }
    }

    private async Task<string?> FreeKeyAsync(ServingModel active, byte[] sha256, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"backbone {Convert.ToHexStringLower(sha256)[..HashDigits]} after model {active.ModelId}, attempt {attempt}");
            if (await runs.FindByKeyAsync(key, cancellationToken) is not { } run)
            {
                return key;
            }

            if (run.State != TrainingRunState.Failed)
            {
                Log.BackboneRunKnown(logger, run.RunId, run.State, run.ModelId);
                return null;
            }
        }
    }
}
