using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Setup;

/// <summary>
/// Brings in a model on another backbone, as a night brings in one on another head: it makes a candidate and asks for a run that embeds and
/// groups everything under it and then switches. The active model serves until then.
/// </summary>
internal sealed class BackboneHandover(
    ModelStore models, ModelTransitions transitions, TrainingRunStore runs, RunDesk desk, IBlobStore blobs, FirstModelSource firstModel,
    ModelPreparation preparation, IOptions<TrainerOptions> options,
    ILogger<BackboneHandover> logger)
{
    private const string Trigger = "start";
    private const int HashDigits = 16;

    // Kept, since preparing takes minutes and another run may come between.
    private FirstModelFiles? _prepared;

    /// <summary>
    /// Requests the run once. A run that was cancelled, or whose model was rolled back, is not requested again at the next start unless
    /// another backbone was configured since. A run that failed is tried again.
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

        // Several Trainers that start together give it the same name.
        var key = $"{backbone} after {last?.RunId.ToString() ?? "none"}";
        if (await runs.FindUnfinishedAsync(cancellationToken) is { } other)
        {
            return other.IdempotencyKey == key;
        }

        if (_prepared is null)
        {
            Log.Preparing(logger, path);
            _prepared = firstModel(options.Value.OrderFor(path), preparation, cancellationToken);
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
                // Another run, perhaps another Trainer's, was faster. The candidate steps back, so that it does not seem to be taken care
                // of.
                await transitions.StepBackAsync(modelId, cancellationToken);
                return false;
        }
    }
}
