using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Nights.Runs;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Setup;

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

    // Takes minutes; another run may come between.
    private PreparedModel? _prepared;

    /// <summary>
    /// Asks for the run once: who cancels it, or goes back from its model, does not want it again at the next start, until another backbone was configured meanwhile. A run
    /// that failed is tried again.
    /// </summary>
    /// <param name="active">The active model.</param>
    /// <param name="path">The backbone.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether that is settled; false: another run is going on, ask again later.</returns>
    public async Task<bool> AskAsync(ServingModel active, string path, byte[] sha256, CancellationToken cancellationToken)
    {
        var last = await runs.FindLastByTriggerAsync(Trigger, cancellationToken);
        var backbone = $"backbone {Convert.ToHexStringLower(sha256)[..HashDigits]}";
        if (last is { State: not TrainingRunState.Failed } && last.IdempotencyKey!.StartsWith(backbone, StringComparison.Ordinal))
        {
            Log.BackboneRunKnown(logger, last.RunId, last.State, last.ModelId);
            return true;
        }

        // Several Trainers that start at once name it alike.
        var key = $"{backbone} after {last?.RunId.ToString() ?? "none"}";
        if (await runs.FindUnfinishedAsync(cancellationToken) is { } other)
        {
            return other.IdempotencyKey == key;
        }

        if (_prepared is null)
        {
            Log.Preparing(logger, path);
            _prepared = prepare(path, options.Value.CalibrationFolder, cancellationToken);
        }

        var prepared = _prepared;
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
}
