using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Vision.Models;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Setup;

/// <summary>
/// Makes sure that a model is active: the first one, or one on the configured backbone. Several Trainers may do this together: all prepare,
/// one registers, and the others find it done.
/// </summary>
internal sealed class ModelSetup(
    ModelStore models, BackboneHandover handover, IBlobStore blobs, OutboxDispatcher dispatcher, FirstModelSource firstModel,
    ModelPreparation preparation, IOptions<TrainerOptions> options,
    ILogger<ModelSetup> logger)
{
    private const int BackfillChunk = 1_000;

    // It is called repeatedly while a run goes on.
    private byte[]? _wanted;

    /// <returns>False: a model is active and a run is going on, after which the configured backbone has its turn; ask again.</returns>
    /// <exception cref="ModelFileException">The configured backbone cannot be used; the message names the file and what is
    /// missing.</exception>
    public async Task<bool> EnsureAsync(CancellationToken cancellationToken)
    {
        var path = options.Value.Backbone is { Length: > 0 } configured ? Path.GetFullPath(configured) : null;
        var wanted = path is null ? null : _wanted ??= BackboneFile.Load(path).Sha256.ToArray();
        var active = await models.GetActiveAsync(cancellationToken);
        var choice = ModelChoices.Of(active, wanted);
        if (choice == ModelChoice.HandOver)
        {
            return await handover.AskAsync(active!, path!, wanted!, cancellationToken);
        }

        if (choice == ModelChoice.First)
        {
            await MakeFirstAsync(path, cancellationToken);
            active = await models.GetActiveAsync(cancellationToken);
        }

        Log.ModelIsActive(logger, active!.ModelId, active.Threshold);
        return true;
    }

    private async Task MakeFirstAsync(string? path, CancellationToken cancellationToken)
    {
        Log.Preparing(logger, path ?? "the default model");
        var prepared = firstModel(options.Value.OrderFor(path), preparation, cancellationToken);
        await prepared.WriteAsync(blobs, cancellationToken);
        var outbox = await models.RegisterActiveAsync(
            prepared.ToNewModel(),
            active => active is null,
            async (connection, modelId, headId, token) =>
            {
                // Read under the model lock. The Embedder embeds contents that are stored later under the new model.
                var live = await LiveContentStore.ReadAllAsync(connection, token);
                Log.Registered(logger, modelId, prepared.Threshold, live.Count);
                return
                [
                    new ModelActivated { ModelId = modelId, HeadId = headId },
                    .. live.Chunk(BackfillChunk).Select(ids => new EmbedContents { ContentIds = ids }),
                ];
            },
            cancellationToken);
        await dispatcher.DispatchAsync(outbox, cancellationToken);
    }
}
