using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Trainer.Setup;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Trainer.Exchange;

/// <summary>
/// Brings in a model that was made elsewhere: as a candidate, and then by a run that embeds and groups everything under it and switches.
/// The active model goes on serving until then.
/// </summary>
internal sealed class ModelImport(
    ModelStore models, ModelTransitions transitions, TrainingRunStore runs, RunDesk desk, IBlobStore blobs, ILogger<ModelImport> logger)
{
    // Class of PostgreSQL's error codes.
    private const string DataException = "22";

    /// <param name="upload">The files.</param>
    /// <param name="trigger">Who asks.</param>
    /// <param name="idempotencyKey">Asking again with it gives the same run; null: every time another one.</param>
    /// <param name="cancellationToken">Cancels; the run may have begun.</param>
    /// <exception cref="ModelFileException">The files are no model that can serve; the message says why.</exception>
    public async Task<RunAsked> AskAsync(
        ModelUpload upload, string trigger, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var folder = ModelFolder.Of(
            BackboneFile.Load(upload.Backbone, ModelFolder.BackboneName), HeadFile.Load(upload.Head, ModelFolder.HeadName),
            upload.ReportJson);
        var files = new FirstModelFiles(folder.Backbone, folder.Head, folder.Threshold, folder.ReportJson);
        var model = files.ToNewModel() with { IsImported = true };

        // This comes first: asking again must give the same run, whatever has become of the model since.
        if (idempotencyKey is not null && await runs.FindByKeyAsync(idempotencyKey, cancellationToken) is { } known)
        {
            return known.ModelId is { } knownModel && await IsOfAsync(knownModel, model, cancellationToken)
                ? await AskAsync(knownModel)
                : new RunAsked.KeyTaken(known);
        }

        if (await models.GetActiveAsync(cancellationToken) is not { } active)
        {
            return new RunAsked.Impossible(RunDesk.NoModelYet);
        }

        if (await runs.FindUnfinishedAsync(cancellationToken) is { } other)
        {
            return new RunAsked.GoingOn(other);
        }

        var same = await FindSameAsync(model, cancellationToken);
        ModelTrial.Run(folder);
        await files.WriteAsync(blobs, cancellationToken);
        var modelId = same ?? await models.RegisterCandidateAsync(model, active.ModelId, cancellationToken);
        var asked = await AskAsync(modelId);
        if (asked is RunAsked.Started)
        {
            Log.ModelImported(logger, modelId, folder.Threshold, active.ModelId);
        }
        else if (same is null && asked is not RunAsked.Known && (await runs.FindUnfinishedAsync(cancellationToken))?.ModelId != modelId)
        {
            // Another run was faster. The candidate steps back, so that it does not seem to be taken care of. It does not when the other
            // run is of the same model, which another request brought in at the same moment.
            await transitions.StepBackAsync(modelId, cancellationToken);
        }

        return asked;

        Task<RunAsked> AskAsync(long id) =>
            desk.AskAsync(
                new RunOrder(TrainingRunKind.Activation, ModelId: id) { By = upload.By }, trigger, idempotencyKey, cancellationToken);
    }

    private async Task<long?> FindSameAsync(NewModel model, CancellationToken cancellationToken)
    {
        try
        {
            return await models.FindSameAsync(model, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith(DataException, StringComparison.Ordinal))
        {
            // JSON that PostgreSQL's jsonb does not take: a zero character, half of a surrogate pair, a number beyond measure.
            throw new ModelFileException($"{ModelFolder.ReportName} cannot be stored: {e.MessageText}", e);
        }
    }

    private async Task<bool> IsOfAsync(long modelId, NewModel model, CancellationToken cancellationToken) =>
        await models.FindAsync(modelId, cancellationToken) is { } stored && stored.Threshold.Equals(model.Threshold)
        && stored.BackboneSha256.AsSpan().SequenceEqual(model.BackboneSha256) && stored.HeadSha256.AsSpan().SequenceEqual(model.HeadSha256);
}
