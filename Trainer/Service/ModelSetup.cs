using CpfPipeline.Contracts;
using CpfPipeline.Data;
using CpfPipeline.Hosting;
using CpfPipeline.Vision;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Service;

/// <summary>
/// Sees to it that a model is active: the first one, or one on the configured backbone. Several Trainers may do it at once: all prepare,
/// one registers, the others find it done.
/// </summary>
internal sealed class ModelSetup(
    ModelStore models, IBlobStore blobs, OutboxDispatcher dispatcher, ModelPreparation prepare, IOptions<TrainerOptions> options,
    ILogger<ModelSetup> logger)
{
    private const int BackfillChunk = 1_000;

    /// <exception cref="ModelFileException">The configured backbone cannot be used; the message names the file and what is missing.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var path = options.Value.Backbone is { Length: > 0 } configured ? Path.GetFullPath(configured) : null;
        var wanted = path is null ? null : BackboneFile.Load(path).Sha256.ToArray();
        var active = await models.GetActiveAsync(cancellationToken);
        if (!ModelChoice.IsNeeded(active, wanted))
        {
            Log.ModelIsActive(logger, active!.ModelId, active.Threshold);
            return;
        }

        Log.Preparing(logger, path ?? "the bundled model");
        var prepared = prepare(path, options.Value.CalibrationFolder, cancellationToken);
        await blobs.WriteAsync(prepared.Backbone.Sha256, prepared.Backbone.Bytes, cancellationToken);
        await blobs.WriteAsync(prepared.Head.Sha256, prepared.Head.Bytes, cancellationToken);
        var outbox = await RegisterAsync(prepared, wanted, cancellationToken);
        await dispatcher.DispatchAsync(outbox, cancellationToken);
        active = await models.GetActiveAsync(cancellationToken);
        Log.ModelIsActive(logger, active!.ModelId, active.Threshold);
    }

    private Task<IReadOnlyList<OutboxMessage>> RegisterAsync(PreparedModel prepared, byte[]? wanted, CancellationToken cancellationToken)
    {
        var (input, backbone, head) = (prepared.Backbone.Spec.Input, prepared.Backbone, prepared.Head);
        var model = new NewModel(
            backbone.Sha256.ToArray(), backbone.Spec.FeatureDim, InputSpecJson.Of(input), head.Sha256.ToArray(), head.Spec.EmbeddingDim,
            prepared.Threshold, prepared.ReportJson);
        return models.RegisterActiveAsync(
            model,
            active => ModelChoice.IsNeeded(active, wanted),
            async (connection, modelId, headId, token) =>
            {
                // Read under the lock on the models: what is stored later is embedded under the new model by itself.
                var live = await LiveContentStore.ReadAllAsync(connection, token);
                Log.Registered(logger, modelId, prepared.Threshold, live.Count);
                return
                [
                    new ModelActivated { ModelId = modelId, HeadId = headId },
                    .. live.Chunk(BackfillChunk).Select(ids => new EmbedContents { ContentIds = ids }),
                ];
            },
            cancellationToken);
    }
}
